package access_test

import (
	"slices"
	"testing"

	"guanxi/access"
	"guanxi/adjacency"
	"guanxi/columns"
)

// notColumns are the rules that say nothing of what columns decide: opportunities, their customers, and who and what these
// refer to.
var notColumns = []string{"way ASSIGNEE", "way READER", "way BOTH_ENDS", "closing NOT_READER"}

// Columns state the rules a second time. As soon as there is one rule less of those by which they decide, or one more, they
// answer nothing. It runs alone, since the rules are everybody's.
func TestColumnsDecideByTheseRulesOrNotAtAll(t *testing.T) {
	if !columns.Lawful() {
		t.Fatal("columns do not know the rules")
	}
	pools := 0
	for n, name := range access.Rows() {
		putBack := access.Without(n)
		lawful := columns.Lawful()
		putBack()
		ofContacts := name == "way "+access.ByPool && pools == 1 // the second, which leads to contacts
		if name == "way "+access.ByPool {
			pools++
		}
		if lawful != (ofContacts || slices.Contains(notColumns, name)) {
			t.Errorf("without %s columns answer: %t", name, lawful)
		}
	}
	takeAway := access.WithAnother()
	if columns.Lawful() {
		t.Error("columns answer although there is another way")
	}
	takeAway()
	rule := access.Opportunity.Protected["amount"]
	access.Opportunity.Protected["amount"] = access.Costs
	if columns.Lawful() {
		t.Error("columns answer although amounts are under another rule")
	}
	access.Opportunity.Protected["amount"] = rule
}

// notOfTheNet are the rules that say nothing of who sees a party or a relationship.
var notOfTheNet = []string{"way ASSIGNEE", "way READER", "way WHOLE", "closing NOT_READER", "relation OWN", "relation SCOPE", "relation OTHER"}

// The net in memory states the rules a second time too, and answers nothing when they are others. It runs alone.
func TestTheNetDecidesByTheseRulesOrNotAtAll(t *testing.T) {
	if !adjacency.Lawful() {
		t.Fatal("the net does not know the rules")
	}
	for n, name := range access.Rows() {
		putBack := access.Without(n)
		lawful := adjacency.Lawful()
		putBack()
		if lawful != slices.Contains(notOfTheNet, name) {
			t.Errorf("without %s the net answers: %t", name, lawful)
		}
	}
	takeAway := access.WithAnother()
	if adjacency.Lawful() {
		t.Error("the net answers although there is another way")
	}
	takeAway()
	access.Relationship.Protected = map[string]access.Rule{"strength": access.Costs}
	if adjacency.Lawful() {
		t.Error("the net answers although strengths are protected")
	}
	access.Relationship.Protected = nil
}
