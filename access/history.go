package access

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"

	"guanxi/models"
)

// noted are values that histories keep beside the columns of a record, by the kind whose history they are in.
var noted = map[*Kind]map[string]HistoryField{
	Opportunity: {"lines": {Name: "lines"}, "line_amounts": {Name: "lineAmounts", Rule: Amounts}, "encounters": {Name: "encounters"}, "quoted_prices": {Name: "quotedPrices", Rule: Amounts}},
	Dashboard:   {"tile_list": {Name: "tiles"}},
	Document:    {"readers": {Name: "readers"}},
	Department:  {"path": {Name: "path"}},
	Group:       {"members": {Name: "members"}},
	Pool:        {"members": {Name: "members"}},
	Role:        {"field_rights": {Name: "fieldRights"}},
	User:        {"roles": {Name: "roles"}, "until": {Name: "until"}},
}

// sharing are the values that tell whom a record is opened to: only who manages it is told.
var sharing = map[string]HistoryField{
	"subject_id": {Name: "subject", Refers: true}, "with_sub_departments": {Name: "withSubDepartments"}, "level": {Name: "level"},
	"kinds": {Name: "kinds"}, "expires_at": {Name: "expiresAt"}, "readers": {Name: "readers"},
}

// HistoryField is a value that a history entry may show: its name in the API, the rule it is read under, and whether it
// is a reference to a record.
type HistoryField struct {
	Name   string
	Rule   Rule
	Refers bool
}

var histories = sync.OnceValue(func() map[*Kind]*Kind {
	made := map[*Kind]*Kind{}
	for _, kind := range Kinds {
		if kind.Guard == PartOf {
			continue
		}
		made[kind] = &Kind{
			Name: "HISTORY_ENTRY", Code: models.AuditEntryCode, Table: "audit_entries", Guard: PartOf, Whole: kind, WholeID: "record_id",
			Model: reflect.TypeFor[models.AuditEntry](), Columns: columnsOf[models.AuditEntry](), Fields: fields("id", "id", "at", "at"),
		}
	}
	return made
})

// HistoryOf gives the kind of the entries that tell how records of a kind have changed: parts, seen exactly with their
// record. The parts of a record have their history in its own.
func HistoryOf(kind *Kind) *Kind { return histories()[kind] }

var told = sync.OnceValue(func() map[*Kind]map[string]HistoryField {
	all := map[*Kind]map[string]HistoryField{}
	for kind := range histories() {
		all[kind] = kind.historied()
	}
	return all
})

// Historied lists what the history of a kind may show, by the names that the entries keep it under.
func (k *Kind) Historied() map[string]HistoryField { return told()[k] }

// historied names the columns as the API names their fields; a column that is no field of the API is in no history. What is
// shown only within a protected value is told under its rule: an amount's currency tells that there is one.
func (k *Kind) historied() map[string]HistoryField {
	list := map[string]HistoryField{}
	for _, name := range slices.Sorted(maps.Keys(k.Relations)) {
		if column := k.Relations[name].Column; column != "" {
			list[column] = HistoryField{Name: name, Rule: k.ToWrite(column), Refers: true}
		}
	}
	for name, f := range k.Fields {
		if _, known := list[f.Column]; !known && slices.Contains(k.Columns, f.Column) {
			list[f.Column] = HistoryField{Name: name, Rule: k.ToWrite(f.Column), Refers: strings.HasSuffix(f.Column, "_id")}
		}
	}
	for _, c := range models.Columns(k.Model) {
		if c.Input != "" {
			list[c.Name] = HistoryField{Name: c.Input, Rule: k.ToWrite(c.Name), Refers: list[c.Name].Refers || strings.HasSuffix(c.Name, "_id")}
		}
	}
	if k.Guard == Business {
		maps.Copy(list, sharing)
	}
	maps.Copy(list, noted[k])
	for _, column := range []string{"id", "version", "created_at", "updated_at"} {
		delete(list, column)
	}
	return list
}

// tells renders which entries r of a history or the access log are told of: in a history, those on sharing only to who
// manages the record w.
func (q *Query) tells(history *Kind) string {
	if history == AccessLogEntry {
		return q.tellsOfSeen()
	}
	if history.Code != models.AuditEntryCode || history.Whole.Guard != Business || q.viewer.system {
		return ""
	}
	return " and (r.action not in ('SHARE', 'UNSHARE') or " + q.managed(history.Whole) + ")"
}

func (q *Query) managed(whole *Kind) string {
	return "exists (select 1 from " + q.Manageable(whole, "m") + " where m.id = w.id)"
}

// changes renders what an entry r tells of the record w: without the values that the viewer may not read now, and masked
// those that he reads masked.
func (q *Query) changes(whole *Kind) string {
	text := "r.changes"
	var stands []string
	for _, rule := range Rules {
		names := whole.under(rule)
		if len(names) == 0 || q.viewer.ReadsAll(rule) {
			continue
		}
		full := q.readable(whole, rule, "w", "true")
		text = fmt.Sprintf("(%s - case when %s then '{}'::text[] else '{%s}'::text[] end)", text, full, strings.Join(names, ","))
		if q.viewer.masksSome(rule) {
			stands = append(stands, q.standIns(whole, rule, names)...)
		}
	}
	if whole == Document && !q.viewer.system {
		text = "case when jsonb_exists(r.changes, 'readers') and not " + q.managed(whole) + " then " + text + " - 'readers'::text else " + text + " end"
	}
	for _, stand := range stands {
		text = "(" + text + " || " + stand + ")"
	}
	if whole == Dashboard && !q.viewer.system {
		text = fmt.Sprintf(`case when jsonb_exists(r.changes, 'tile_list') then (select case when t.old = t.new then %[1]s - 'tile_list'
			else %[1]s || jsonb_build_object('tile_list', jsonb_build_object('old', t.old, 'new', t.new)) end from (select %s as old, %s as new offset 0) t) else %[1]s end`,
			text, q.tilesSeen("old"), q.tilesSeen("new"))
	}
	return text
}

// tilesSeen renders the tiles that an entry r keeps as old or new, with null in the place of each whose saved report the viewer does
// not see now, as the dashboard itself has it. What changed of these alone is not told.
func (q *Query) tilesSeen(which string) string {
	return "(select coalesce(jsonb_agg(case when exists (select from " + q.Visible(SavedReport, "s") +
		" where s.id = (t.tile ->> 'report')::uuid) then t.tile end order by t.place), '[]') from jsonb_array_elements(r.changes -> 'tile_list' -> '" + which +
		"') with ordinality as t (tile, place))"
}

// standIns render masked values in the place of those names that a mask is known for.
func (q *Query) standIns(whole *Kind, rule Rule, names []string) []string {
	var list []string
	for _, name := range names {
		mask, ok := masks[name]
		if !ok {
			continue
		}
		value := func(which string) string {
			return fmt.Sprintf("to_jsonb("+mask+")", "(r.changes -> '"+name+"' ->> '"+which+"')")
		}
		list = append(list, fmt.Sprintf("case when %s and jsonb_exists(r.changes, '%s') then jsonb_build_object('%[2]s', jsonb_build_object('old', %s, 'new', %s, 'masked', true)) else '{}' end",
			q.masked(whole, rule, "w", "true"), name, value("old"), value("new")))
	}
	return list
}

// under lists the names under which histories of the kind keep values of a rule.
func (k *Kind) under(rule Rule) []string {
	var names []string
	for name, f := range k.Historied() {
		if f.Rule == rule {
			names = append(names, name)
		}
	}
	for column, r := range k.Protected {
		if r == rule && !slices.Contains(names, column) {
			names = append(names, column)
		}
	}
	slices.Sort(names)
	return names
}

// masksSome tells whether the viewer reads fields of a rule masked on some records.
func (v *Viewer) masksSome(rule Rule) bool {
	return slices.ContainsFunc(Relations, func(r Relation) bool { return v.Reads(rule, r) == Masked })
}
