package prove

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"guanxi/internal/naive"
	"guanxi/models"
)

// attempt is one mutation that does nothing even where it may be done: it names a version that no record has, or leaves out
// what is required.
type attempt struct {
	record any // stringer of the record it is on
	field  string
	input  map[string]any
}

// writes compares who may change which record: it is refused as stale, or as forbidden, or exactly as one never issued.
func (v viewer) writes() {
	for _, kind := range v.every() {
		name := kinds[kind].mutation
		change := "name"
		if kind != "CUSTOMER" && kind != "CONTACT" && kind != "DOCUMENT" {
			change = kinds[kind].text
		}
		v.written(kind, "UPDATE", name+"Update", map[string]any{change: "changed"})
		if v.size > 4 && v.draw("all writes", 3) > 0 {
			continue
		}
		v.written(kind, "DELETE", name+"Delete", nil)
		if kind != "RELATIONSHIP" {
			v.written(kind, "TRANSFER", name+"Transfer", map[string]any{"to": userID(v.admin)})
			v.shared(kind)
		}
	}
	v.claims()
}

// written tries one action on all records of a kind.
func (v viewer) written(kind, action, mutation string, input map[string]any) {
	permitted := v.may(kind + "_" + action)
	v.attempts("right to "+strings.ToLower(action), mutation, v.all(kind), func(id any) map[string]any {
		whole := map[string]any{"id": id, "expectedVersion": 77}
		for field, value := range input {
			whole[field] = value
		}
		return whole
	}, permitted, func(r *naive.Record) string {
		switch {
		case !v.sees(r):
			return "NOT_FOUND"
		case !v.manages(r):
			return "FORBIDDEN"
		}
		return "STALE_VERSION"
	})
}

// shared tries to share all records of a kind until a day that has passed.
func (v viewer) shared(kind string) {
	past := v.c.Now.Add(-time.Hour)
	v.attempts("right to share", "shareCreate", v.all(kind), func(id any) map[string]any {
		return map[string]any{"record": id, "subject": map[string]any{"user": userID(v.user)}, "level": "OBSERVE", "expiresAt": past}
	}, true, func(r *naive.Record) string {
		switch {
		case !v.sees(r):
			return "NOT_FOUND"
		case !v.manages(r):
			return "FORBIDDEN"
		}
		return "INVALID"
	})
}

// claims tries to claim all customers from their pools.
func (v viewer) claims() {
	v.attempts("right to claim", "customerClaim", v.all("CUSTOMER"), func(id any) map[string]any {
		return map[string]any{"id": id, "expectedVersion": 77}
	}, v.may("CUSTOMER_UPDATE"), func(r *naive.Record) string {
		if refused := v.claiming(r); refused != "" {
			return refused
		}
		return "STALE_VERSION"
	})
}

// claiming is what a user is answered who claims the customer: nothing when he may. That a claim came too late is told to a
// pool's member, whether he sees the customer or not.
func (v viewer) claiming(r *naive.Record) string {
	switch {
	case r.ClaimedBy >= 0 && r.ClaimedBy != v.user && v.c.InPool(v.user, r.ClaimedFrom) && r.Pool < 0:
		return "ALREADY_CLAIMED"
	case !v.sees(r):
		return "NOT_FOUND"
	case r.Pool < 0 || !v.c.InPool(v.user, r.Pool):
		return "NOT_IN_POOL"
	case !v.c.MayTake(v.user):
		return "FORBIDDEN"
	}
	return ""
}

// attempts tries a mutation on each record, and on one never issued: a hidden one is answered byte by byte like that.
func (v viewer) attempts(surface, mutation string, records []*naive.Record, input func(id any) map[string]any, permitted bool, expected func(*naive.Record) string) {
	if len(records) == 0 {
		return
	}
	if !permitted {
		a := v.mutate(mutation, []map[string]any{input(records[0].ID())})
		v.decide(surface+" any", text(mutation), false, a.refusal() != "PERMISSION_DENIED")
		return
	}
	never := naive.ID(models.KindOf(records[0].ID()), 60_000)
	absent := string(v.outcomes(mutation, []map[string]any{input(never)})[0])
	for some := range slices.Chunk(records, 5) {
		var inputs []map[string]any
		for _, r := range some {
			inputs = append(inputs, input(r.ID()))
		}
		for i, outcome := range v.outcomes(mutation, inputs) {
			want, got := expected(some[i]), codeOf(outcome)
			if want != got || want == "NOT_FOUND" && string(outcome) != absent {
				v.wrong(surface, some[i].ID(), want, string(outcome))
			}
			v.count(surface, some[i].ID(), want != "NOT_FOUND" && want != "FORBIDDEN" && want != "NOT_IN_POOL" && want != "ALREADY_CLAIMED")
		}
	}
}

// mutate carries out one mutation for each input, in one request.
func (v viewer) mutate(mutation string, inputs []map[string]any) *answer {
	kind := strings.ToUpper(mutation[:1]) + mutation[1:] + "Input"
	for _, action := range []string{"Delete", "Claim", "Restore"} {
		if strings.HasSuffix(mutation, action) {
			kind = "RecordInput"
		}
	}
	if strings.HasSuffix(mutation, "Transfer") {
		kind = "TransferInput"
	}
	head, body, variables := "mutation (", ") {", map[string]any{}
	for i, input := range inputs {
		head += fmt.Sprintf("$i%d: %s! ", i, kind)
		body += fmt.Sprintf(" m%d: %s(input: $i%d) { userErrors { code field message } }", i, mutation, i)
		variables[fmt.Sprintf("i%d", i)] = input
	}
	return v.try(head+body+" }", variables)
}

// outcomes gives each mutation's answer as it was written.
func (v viewer) outcomes(mutation string, inputs []map[string]any) []json.RawMessage {
	a := v.mutate(mutation, inputs)
	var whole struct {
		Data map[string]json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(a.body, &whole); err != nil || len(a.Errors) > 0 {
		v.Fatalf("user %d tried %s with %v and was answered %s\n%s", v.user, mutation, inputs, a.body, describe(v.c))
	}
	found := make([]json.RawMessage, len(inputs))
	for i := range inputs {
		found[i] = whole.Data[fmt.Sprintf("m%d", i)]
	}
	return found
}

// codeOf is why a mutation did nothing; empty when it was done.
func codeOf(outcome json.RawMessage) string {
	var payload struct {
		UserErrors []struct {
			Code  string   `json:"code"`
			Field []string `json:"field"`
		} `json:"userErrors"`
	}
	if json.Unmarshal(outcome, &payload) != nil || len(payload.UserErrors) == 0 {
		return ""
	}
	return payload.UserErrors[0].Code
}

// creates compares who may add to which customer, and link which parties; nothing is made, for want of a title or with a
// strength that there is not.
func (v viewer) creates() {
	customers := v.all("CUSTOMER")
	for _, kind := range []string{"OPPORTUNITY", "SERVICE", "ACTIVITY", "CONTACT"} {
		v.attempts("right to add to a customer: "+strings.ToLower(kind), kinds[kind].mutation+"Create", customers, func(id any) map[string]any {
			return map[string]any{kinds[kind].text: "", "customer": id}
		}, v.may(kind+"_CREATE"), func(r *naive.Record) string {
			if !v.sees(r) {
				return "NOT_FOUND"
			}
			return "REQUIRED"
		})
	}
	if !v.may("RELATIONSHIP_CREATE") {
		return
	}
	parties := append(customers, v.all("CONTACT")...)
	other := v.some("link to", parties)
	v.attempts("right to link", "relationshipCreate", slices.DeleteFunc(slices.Clone(parties), func(r *naive.Record) bool { return r == other }), func(id any) map[string]any {
		return map[string]any{"type": naive.TypeID(1), "a": id, "b": userID(0), "strength": 9}
	}, true, func(r *naive.Record) string {
		switch {
		case !v.sees(r):
			return "NOT_FOUND"
		case !v.manages(r):
			return "FORBIDDEN"
		}
		return "INVALID"
	})
	v.linksBetween(other, parties)
}

// linksBetween tries to link one party with the others, of which one is to be managed.
func (v viewer) linksBetween(one *naive.Record, others []*naive.Record) {
	if !v.sees(one) {
		return
	}
	others = slices.DeleteFunc(slices.Clone(others), func(r *naive.Record) bool { return r == one })
	v.attempts("right to link two", "relationshipCreate", others, func(id any) map[string]any {
		return map[string]any{"type": naive.TypeID(1), "a": one.ID(), "b": id, "strength": 9}
	}, true, func(r *naive.Record) string {
		switch {
		case !v.sees(r):
			return "NOT_FOUND"
		case !v.manages(r) && !v.manages(one):
			return "FORBIDDEN"
		}
		return "INVALID"
	})
}
