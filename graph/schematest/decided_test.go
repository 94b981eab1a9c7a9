package schematest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"guanxi/access"
	"guanxi/models"
	"guanxi/reports"
)

// computed tells of every field that is no column of its record what it is computed from: columns, as Model.column, or other
// fields in this list. Such a field is under the strictest rule of its inputs. A new field that is neither a column nor in
// this list fails the test.
var computed = map[string]string{
	"Activity.shares": "Activity.id", "Contact.shares": "Contact.id", "Customer.shares": "Customer.id", "Document.shares": "Document.id",
	"Opportunity.shares": "Opportunity.id", "Service.shares": "Service.id", "SavedReport.shares": "SavedReport.id", "Dashboard.shares": "Dashboard.id",

	// counts of requests, which tell of no record but the saved report that was asked
	"Use.kind": "SavedReport.id", "Use.name": "SavedReport.name", "Use.report": "SavedReport.id", "Use.uses": "SavedReport.id", "Use.people": "SavedReport.id", "Use.lastAt": "SavedReport.id",

	"SavedReport.parameters": "SavedReport.document SavedReport.defaults",
	"ReportParameter.name":   "SavedReport.document", "ReportParameter.type": "SavedReport.document", "ReportParameter.value": "SavedReport.defaults",
	"DashboardTile.report": "Dashboard.tiles", "DashboardTile.title": "Dashboard.tiles", "DashboardTile.parameters": "Dashboard.tiles",

	"Customer.value":                 "Customer.id", // an object, each field of which has its own rule
	"Customer.network":               "Relationship.a_id Relationship.b_id",
	"CustomerValue.wonAmount":        "Opportunity.amount Opportunity.currency Opportunity.status Opportunity.closed_at",
	"CustomerValue.openAmount":       "Opportunity.amount Opportunity.currency Opportunity.status",
	"CustomerValue.opportunityCount": "Opportunity.status",
	"CustomerValue.lastFollowedUpAt": "Activity.happened_at",
	"CustomerValue.nextFollowUpOn":   "Activity.next_follow_up_on",
	"CustomerValue.daysSilent":       "Activity.happened_at Customer.created_at",

	"Document.readers": "Document.restricted", "Document.downloadUrl": "Document.id", "DocumentRevision.downloadUrl": "DocumentRevision.id", "Document.revisions": "DocumentRevision.document_id",
	"Pool.members": "Pool.id", "Role.fieldRights": "Role.id", "Role.grants": "Grant.grantee_role_id",
	"Encounter.outcome": "Opportunity.status Opportunity.won_by_id Encounter.competitor_id DictionaryEntry.loss_kind",

	"Document.at": "Document.uploaded_at", "Document.by": "Document.uploaded_by", "Document.summary": "Document.name Document.revision",
	"Service.at": "Service.opened_at", "Service.by": "Service.created_by", "Service.summary": "Service.title",
	"StageChange.summary": "StageChange.from_stage_id StageChange.to_stage_id StageChange.from_status StageChange.to_status",

	"CustomerContactEdge.role": "Relationship.contact_role", "CustomerContactEdge.title": "Relationship.title", "CustomerContactEdge.primary": "Relationship.is_primary",
	"CustomerContactEdge.from": "Relationship.valid_from", "CustomerContactEdge.until": "Relationship.valid_until", "CustomerContactEdge.relationship": "Relationship.id",
	"ContactCustomerEdge.role": "Relationship.contact_role", "ContactCustomerEdge.title": "Relationship.title", "ContactCustomerEdge.primary": "Relationship.is_primary",
	"ContactCustomerEdge.from": "Relationship.valid_from", "ContactCustomerEdge.until": "Relationship.valid_until", "ContactCustomerEdge.relationship": "Relationship.id",

	"PartyRelationshipEdge.label": "RelationshipType.name_ab RelationshipType.name_ba", "PartyRelationshipEdge.other": "Relationship.a_id Relationship.b_id",
	"NetworkNode.party": "Customer.id", "NetworkNode.hops": "Relationship.a_id Relationship.b_id",
	"NetworkEdge.label": "RelationshipType.name_ab RelationshipType.name_ba", "NetworkEdge.a": "Relationship.a_id", "NetworkEdge.b": "Relationship.b_id", "NetworkEdge.relationship": "Relationship.id",
	"Network.nodes": "NetworkNode.party", "Network.edges": "NetworkEdge.relationship", "Network.truncated": "NetworkNode.hops",
	"Path.hops": "Relationship.a_id Relationship.b_id", "Path.steps": "Relationship.a_id Relationship.b_id",
	"PathStep.label": "NetworkEdge.label", "PathStep.party": "Customer.id", "PathStep.relationship": "Relationship.id",

	// A hit by the end of a phone number is one only to who reads the number in full: access.Sought.
	"SearchHit.matched": "Customer.name Contact.name", "SearchHit.record": "Customer.id",

	"OpportunityWaterfall.rows": "Opportunity.status", "OpportunityWaterfall.total": "Opportunity.status", "OpportunityWaterfall.definition": "Opportunity.status", "OpportunityWaterfall.coverage": "Opportunity.id",
	"OpportunityWaterfallRow.key": "Opportunity.id", "OpportunityWaterfallRow.begin": "Opportunity.status", "OpportunityWaterfallRow.created": "Opportunity.status", "OpportunityWaterfallRow.entered": "Opportunity.status", "OpportunityWaterfallRow.reopened": "Opportunity.status",
	"OpportunityWaterfallRow.raised": "Opportunity.status", "OpportunityWaterfallRow.lowered": "Opportunity.status", "OpportunityWaterfallRow.revalued": "Opportunity.status", "OpportunityWaterfallRow.won": "Opportunity.status",
	"OpportunityWaterfallRow.lost": "Opportunity.status", "OpportunityWaterfallRow.cancelled": "Opportunity.status", "OpportunityWaterfallRow.left": "Opportunity.status", "OpportunityWaterfallRow.end": "Opportunity.status",
	"StageCohortReportRow.steps": "StageChange.to_stage_id", "StageCohortStep.stage": "StageChange.to_stage_id", "StageCohortStep.entered": "StageChange.to_stage_id",
	"StageCohortStep.reached": "StageChange.to_stage_id StageChange.to_status", "StageCohortStep.rate": "StageChange.to_stage_id StageChange.to_status", "StageCohortStep.medianDays": "StageChange.changed_at",
	"WaterfallStep.count": "Opportunity.id", "WaterfallStep.amount": "Opportunity.amount", "WaterfallStep.unknown": "Opportunity.amount",
	"CompetitorReport.rows": "Encounter.id", "CompetitorReport.unattributed": "Opportunity.won_by_id", "CompetitorReport.mixWarnings": "Encounter.outcome", "CompetitorReport.coverage": "Opportunity.id", "CompetitorReport.definition": "Encounter.id",
	"CompetitorReportRow.rank": "Encounter.outcome", "CompetitorReportRow.rankByAmountLost": "CompetitorReportRow.amountLost", "CompetitorReportRow.competitor": "Encounter.competitor_id", "CompetitorReportRow.competitors": "Encounter.competitor_id",
	"CompetitorReportRow.encounters": "Encounter.competitor_id", "CompetitorReportRow.open": "Encounter.outcome", "CompetitorReportRow.weWon": "Encounter.outcome",
	"CompetitorReportRow.theyWon": "Encounter.outcome", "CompetitorReportRow.otherWon": "Encounter.outcome", "CompetitorReportRow.nobodyWon": "Encounter.outcome",
	"CompetitorReportRow.unknown": "Encounter.outcome", "CompetitorReportRow.winRate": "Encounter.outcome",
	"CompetitorReportRow.strength":    "Encounter.outcome",
	"CompetitorReportRow.amountWon":   "Encounter.outcome Opportunity.amount Opportunity.currency",
	"CompetitorReportRow.amountLost":  "Encounter.outcome Opportunity.amount Opportunity.currency",
	"CompetitorReportRow.priceGap":    "Encounter.quoted_price Encounter.currency Opportunity.amount Opportunity.currency",
	"CompetitorReportRow.lossReasons": "Opportunity.loss_reason_id", "LossReasonCount.key": "Opportunity.loss_reason_id", "LossReasonCount.reason": "Opportunity.loss_reason_id", "LossReasonCount.count": "Opportunity.loss_reason_id",
	"CompetitorReportRow.breakdown": "Encounter.id", "CompetitorReportRow.trend": "Encounter.id",
	"CompetitorBreakdownRow.key": "Opportunity.id", "CompetitorBreakdownRow.encounters": "Encounter.competitor_id", "CompetitorBreakdownRow.weWon": "Encounter.outcome",
	"CompetitorBreakdownRow.open": "Encounter.outcome", "CompetitorBreakdownRow.otherWon": "Encounter.outcome", "CompetitorBreakdownRow.nobodyWon": "Encounter.outcome",
	"CompetitorBreakdownRow.unknown": "Encounter.outcome", "CompetitorBreakdownRow.priceGap": "CompetitorReportRow.priceGap",
	"CompetitorBreakdownRow.theyWon": "Encounter.outcome", "CompetitorBreakdownRow.winRate": "Encounter.outcome",
	"CompetitorBreakdownRow.amountWon": "CompetitorReportRow.amountWon", "CompetitorBreakdownRow.amountLost": "CompetitorReportRow.amountLost",
	"UnattributedLosses.lost": "Opportunity.won_by_id", "UnattributedLosses.amountLost": "Opportunity.amount Opportunity.currency",
}

// plain are types whose fields are of no record of the daily work, or have the rule of the field that leads to them: of the
// history, each value is under the rule of its column (access.Historied), and Money, Rate, AmountRate, PriceGap, Strength and
// warnings of mix that of what they are.
var plain = []string{
	"AccessExplanation", "AccessLogCount", "AccessNeed", "AccessReason", "AccessRemedy", "AccessSimulation", "AmountRate", "ApiToken", "Company", "Coverage", "Currency", "ExchangeRate",
	"FieldExplanation", "FieldRight", "HistoryChange", "HistoryEntry", "Job", "KindCount", "MixSide", "MixStratum", "MixWarning", "Money", "MovedTotal", "MovedTotals", "PageInfo", "PriceGap", "Rate", "ReportDataset", "ReportDefinition",
	"RelationshipCount", "ReportDimension", "ReportKey", "ReportMeasure", "Share", "SimulatedUser", "Strength", "Subject", "UserError", "Viewer",
}

// shown lists the types whose fields are decided on one by one. Pages and answers of mutations only lead to them.
func shown(schema *ast.Schema) []*ast.Definition {
	return slices.DeleteFunc(own(schema), func(d *ast.Definition) bool {
		return d.Kind != ast.Object || d == schema.Query || d == schema.Mutation || strings.HasSuffix(d.Name, "Connection") || strings.HasSuffix(d.Name, "Payload") || slices.Contains(plain, d.Name)
	})
}

// reported gives the dataset whose reports a type is of, and tells whether it is of their rows.
func reported(definition *ast.Definition) (d *reports.Dataset, rows bool) {
	for _, d := range reports.Datasets() {
		if name, isReport := strings.CutPrefix(definition.Name, d.Noun+"Report"); isReport && (name == "" || name == "Row") {
			return d, name == "Row"
		}
	}
	return nil, false
}

// besideMeasures are the fields of a report and its rows that are no measures. What they show has its rule in package reports:
// keys that of their dimensions, shares that of the measure named.
var besideMeasures = []string{"rows", "other", "total", "subtotals", "mixWarnings", "coverage", "definition", "keys", "previous", "shareOfTotal", "runningTotal"}

// leads tells whether a field is a page of records or a place in one, of which nothing is shown but the records.
func leads(definition *ast.Definition, field *ast.FieldDefinition) bool {
	return strings.HasSuffix(field.Type.Name(), "Connection") || strings.HasSuffix(definition.Name, "Edge") && (field.Name == "node" || field.Name == "cursor")
}

// TestEachFieldShownIsUnderTheStrictestRuleOfWhatItShows walks every output field: the column that it is, or what it is
// computed from, decides its rule.
func TestEachFieldShownIsUnderTheStrictestRuleOfWhatItShows(t *testing.T) {
	found := map[string]bool{}
	for _, definition := range shown(load(t, root)) {
		kind := kindOf(definition.Name)
		for _, field := range fields(definition) {
			name := definition.Name + "." + field.Name
			if leads(definition, field) {
				continue
			}
			rule, isColumn := access.Rule(""), false
			if kind != nil {
				rule, isColumn = kind.RuleOf(field.Name)
			}
			if d, rows := reported(definition); d != nil && computed[name] == "" {
				m, isMeasure := d.Measure(field.Name)
				if rows && isMeasure {
					rule, isColumn = m.Rule, true // package reports holds it against the columns
				}
				isColumn = isColumn || slices.Contains(besideMeasures, field.Name)
			}
			if !isColumn {
				found[name] = true
				if computed[name] == "" {
					t.Errorf("%s is no column: tell in the list computed what it is computed from", name)
					continue
				}
				rule = strictest(t, name)
			}
			if protection(field) != string(rule) {
				t.Errorf("%s is under the rule %q and shows what is under %q", name, protection(field), rule)
			}
		}
	}
	for name := range computed {
		if !found[name] {
			t.Errorf("%s is listed and is no computed field", name)
		}
	}
}

// strictest gives the rule of what a computed field is computed from.
func strictest(t *testing.T, name string) (rule access.Rule) {
	t.Helper()
	for _, input := range strings.Fields(computed[name]) {
		under := access.Rule("")
		switch _, isField := computed[input]; {
		case isField:
			under = strictest(t, input)
		default:
			under = ruleOfColumn(t, input)
		}
		if rule != "" && under != "" && rule != under {
			t.Errorf("%s is computed from what is under %s and under %s: there is no rule for both", name, rule, under)
		}
		rule = max(rule, under)
	}
	return rule
}

func ruleOfColumn(t *testing.T, place string) access.Rule {
	t.Helper()
	model, column, _ := strings.Cut(place, ".")
	kind := kindOf(model)
	if kind == nil || !slices.Contains(kind.Columns, column) {
		t.Errorf("there is no column %s", place)
		return ""
	}
	return kind.ToWrite(column)
}

// besides are fields of inputs that are no column of what the input is named after: how it is written, or another's column.
var besides = map[string]string{
	"ContactCreateInput.customer": "Relationship.b_id", "ContactCreateInput.role": "Relationship.contact_role", "ContactCreateInput.title": "Relationship.title", "ContactCreateInput.primary": "Relationship.is_primary",
	"DashboardTileInput.report": "Dashboard.tiles", "DashboardTileInput.parameters": "Dashboard.tiles",
	"DepartmentMoveChangeInput.department": "Department.id", "DepartmentSubjectInput.withSubDepartments": "Grant.with_sub_departments",
	"DocumentCreateInput.file": "Document.storage_key", "DocumentReviseInput.file": "Document.storage_key",
	"GrantSubjectInput.group": "Grant.subject_id", "GroupGrantChangeInput.effect": "Grant.effect", "GroupGrantChangeInput.level": "Grant.level", "GroupGrantChangeInput.kinds": "Grant.kinds",
	"GroupMemberChangeInput.group": "Group.id", "GroupMemberChangeInput.user": "User.id", "GroupMemberChangeInput.member": "Group.id", "PoolMembersChangeInput.pool": "Pool.id",
	"UserCreateInput.password": "User.password_hash", "UserPasswordSetInput.user": "User.id", "UserPasswordSetInput.currentPassword": "User.password_hash", "UserPasswordSetInput.newPassword": "User.password_hash",
	"UserDepartmentInput.primary": "Membership.is_primary", "UserDepartmentInput.title": "Membership.title", "UserRolesSetInput.user": "User.id",
}

// apart are inputs that write no record of a kind.
var apart = []string{
	"AccessChangeInput", "AccessSimulationStartInput", "ApiTokenCreateInput", "CompanyUpdateInput", "CurrencyCreateInput", "CurrencyUpdateInput", "ExchangeRateSetInput", "FieldRightInput",
	"PeriodInput", "RecordInput", "ShareCreateInput", "SubjectInput", "TransferInput", "ViewAsCreateInput",
}

// TestEachFieldWrittenIsUnderTheRuleOfItsColumn walks every field of every input that writes, those in lists inside of others
// among them.
func TestEachFieldWrittenIsUnderTheRuleOfItsColumn(t *testing.T) {
	schema, found, rules := load(t, root), map[string]bool{}, 0
	for _, definition := range own(schema) {
		if definition.Kind != ast.InputObject || !strings.HasSuffix(definition.Name, "Input") || slices.Contains(apart, definition.Name) {
			continue
		}
		kind := writtenBy(definition.Name)
		for _, field := range fields(definition) {
			name := definition.Name + "." + field.Name
			inner := schema.Types[field.Type.Name()].Kind == ast.InputObject
			if inner || slices.Contains([]string{"id", "expectedVersion", "idempotencyKey"}, field.Name) {
				continue
			}
			rule, known := ruleOfInput(kind, field.Name)
			if at := besides[name]; at != "" {
				found[name], known, rule = true, true, ruleOfColumn(t, at)
			}
			if !known {
				t.Errorf("%s is no column: tell in the list besides what it writes", name)
			}
			if protection(field) != string(rule) {
				t.Errorf("%s is under the rule %q and writes what is under %q", name, protection(field), rule)
			}
			if rule != "" {
				rules++
			}
		}
	}
	if len(found) != len(besides) || rules < 20 {
		t.Errorf("%d fields are under a rule; of %d listed as no columns there are %d", rules, len(besides), len(found))
	}
}

// writtenBy gives the kind that an input is named after, by its longest name.
func writtenBy(input string) (kind *access.Kind) {
	for _, k := range access.Kinds {
		if strings.HasPrefix(input, k.Model.Name()) && (kind == nil || len(k.Model.Name()) > len(kind.Model.Name())) {
			kind = k
		}
	}
	return kind
}

func ruleOfInput(kind *access.Kind, field string) (access.Rule, bool) {
	if kind == nil {
		return "", false
	}
	for _, column := range models.Columns(kind.Model) {
		if column.Input == field {
			return kind.ToWrite(column.Name), true
		}
	}
	return kind.RuleOf(field)
}

// TestWhatRowsAreComparedByIsUnderTheRuleOfTheirNumbers holds the having of a report against its rows, and both against what
// its catalogue shows to somebody without any right.
func TestWhatRowsAreComparedByIsUnderTheRuleOfTheirNumbers(t *testing.T) {
	schema, compared := load(t, root), 0
	everybody, nobody := reports.Catalog(access.System("test", time.Time{}, models.Company{}), "en"), reports.Catalog(access.Nobody(time.Time{}), "en")
	for i, dataset := range reports.Datasets() {
		row := schema.Types[dataset.Noun+"ReportRow"]
		if having := schema.Types[dataset.Noun+"Having"]; having != nil {
			for _, field := range fields(having) {
				if number := row.Fields.ForName(field.Name); number != nil {
					compared++
					if protection(field) != protection(number) {
						t.Errorf("%s are compared by %s under the rule %q, and show it under %q", dataset.Name, field.Name, protection(field), protection(number))
					}
				}
			}
		}
		for _, measure := range everybody[i].Measures {
			open := slices.ContainsFunc(nobody[i].Measures, func(m *reports.ReportMeasure) bool { return m.Name == measure.Name })
			if field := row.Fields.ForName(measure.Name); field == nil || (protection(field) == "") != open {
				t.Errorf("%s.%s: the catalogue shows the measure to who has no right: %t", row.Name, measure.Name, open)
			}
		}
	}
	if compared < 5*(len(everybody)-1) {
		t.Errorf("only %d numbers are compared", compared)
	}
}
