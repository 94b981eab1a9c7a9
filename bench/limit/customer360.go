package limit

import (
	"fmt"

	"guanxi/models"
)

// plans make the statements of the operations that are one batch.
var plans = map[string]func(*viewer) *plan{
	"Customer360": customer360, "Sections": sections, "Newest": newest, "ByName": byName, "Find": find, "Net": net3,
}

// customer360 is operations/customer360.graphql.
func customer360(v *viewer) *plan {
	return &plan{opening: `{"data":{"customer":{`, closing: `}}}}`, statements: []*statement{
		v.head(), v.counts(), counted(1, "contacts", v.contactsOf()), counted(5, "relationships", v.relationshipsOf()),
		counted(2, "opportunities", v.opportunitiesOf()), counted(3, "services", v.servicesOf()), counted(4, "documents", v.documentsOf()), v.timeline(), v.value(),
		v.net(`,"network":{`, 2, 50, true),
	}}
}

// sections is customer360 without the network.
func sections(v *viewer) *plan {
	p := customer360(v)
	p.closing, p.statements = "}}}", p.statements[:len(p.statements)-1]
	return p
}

// counted writes a count before the list that a statement is.
func counted(count int, name string, st *statement) *statement {
	st.count, st.before, st.list = count, `"`+name+`":{`, `,"`+st.before+`":[`
	return st
}

// last makes a statement one whose row stands without braces.
func last(st *statement) *statement {
	st.bare = true
	return st
}

// page gives a statement with a page of rows of a table x, in an order, and what is joined to them.
func (v *viewer) page(before, columns, table, condition, order string, size int, joins, after string) *statement {
	return ask(before, fmt.Sprintf("select %s from (select * from %s x where %s and %s order by %s limit %d) x %s order by %[5]s",
		columns, table, condition, v.sees(table, "x"), order, size, joins), after)
}

func entry(column, name string) string {
	return fmt.Sprintf(`%[1]s.id as "%[2]s.id", coalesce(%[1]s.label_en, %[1]s.label) as "%[2]s.label"`, column, name)
}

func person(alias, name string) string {
	return fmt.Sprintf(`%[1]s.id as "%[2]s.id", %[1]s.name as "%[2]s.name"`, alias, name)
}

func money(amount, currency, name string) string {
	return fmt.Sprintf(`trim_scale(%s)::text as "%[3]s.amount", %[2]s as "%[3]s.currency"`, amount, currency, name)
}

func (v *viewer) head() *statement {
	return last(ask("", `select x.id, x.name, x.kind, x.lifecycle, `+entry("r", "region")+`, `+entry("i", "industry")+`, `+entry("s", "source")+`, `+
		v.detail("x", "phone")+` as phone, `+person("u", "owner")+`, `+person("p", "pool")+`, x.version
		from customers x left join dictionary_entries r on r.id = x.region_id left join dictionary_entries i on i.id = x.industry_id
		left join dictionary_entries s on s.id = x.source_id left join users u on u.id = x.owner_id left join pools p on p.id = x.pool_id
		where x.id = @id::uuid and `+v.sees("customers", "x"), ","))
}

var worksHere = "select w.a_id from relationships w where w.b_id = @id::uuid and w.type_id = '" + models.WorksAtID.String() + "' and w.deleted_at is null and " + notEnded("w")

// counts is how many there are of each, to 10,000.
func (v *viewer) counts() *statement {
	text := "select "
	for i, one := range []struct{ table, condition string }{
		{"contacts", "x.id in (" + worksHere + ")"}, {"opportunities", "x.customer_id = @id::uuid"}, {"services", "x.customer_id = @id::uuid"},
		{"documents", "x.customer_id = @id::uuid"},
	} {
		if i > 0 {
			text += ", "
		}
		text += fmt.Sprintf(`least(10000, (select count(*) from (select 1 from %s x where %s and %s limit 10001) c))`, one.table, one.condition, v.sees(one.table, "x"))
	}
	st := ask("", text+`, least(10000, (select count(*) from (select 1 from (`+edgesAt+`) e where `+v.party("e.far")+` limit 10001) c))`, "")
	st.counts = true
	return st
}

func (v *viewer) contactsOf() *statement {
	return v.page("edges", `w.contact_role as role, w.title, w.is_primary as "primary", x.id as "node.id", x.name as "node.name", `+
		v.detail("x", "phone")+` as "node.phone", `+v.detail("x", "email")+` as "node.email"`,
		"contacts", "x.id in ("+worksHere+")", "x.id", 10, `cross join lateral (select * from relationships w where w.a_id = x.id and w.b_id = @id::uuid
			and w.type_id = '`+models.WorksAtID.String()+`' and w.deleted_at is null and `+notEnded("w")+` order by w.is_primary desc, w.valid_from desc nulls last, w.id limit 1) w`, "]},")
}

// edgesAt are the relationships of the customer, with the other end.
const edgesAt = `select e.*, e.b_id as far, true as outward from relationships e where e.a_id = @id::uuid and e.deleted_at is null
	union all select e.*, e.a_id, false from relationships e where e.b_id = @id::uuid and e.deleted_at is null`

func (v *viewer) relationshipsOf() *statement {
	return ask("edges", `select case when e.outward then coalesce(t.name_ab_en, t.name_ab) else coalesce(t.name_ba_en, t.name_ba) end as label, `+
		party("e.far", "other")+`, e.id as "node.id", t.id as "node.type.id", e.strength as "node.strength", e.valid_from as "node.from", e.valid_until as "node.until"
		from (select * from (`+edgesAt+` order by id offset 0) e where `+v.party("e.far")+` limit 10) e join relationship_types t on t.id = e.type_id order by e.id`, "]},")
}

// party gives the type, id and name of the party in a column, as fields of an object.
func party(column, name string) string {
	code := "case get_byte(uuid_send(" + column + "), 15) "
	return code + `when 16 then 'Customer' when 17 then 'Contact' when 18 then 'Competitor' else 'User' end as "` + name + `.__typename", ` + column + ` as "` + name + `.id", ` +
		code + `when 16 then (select name from customers where id = ` + column + `) when 17 then (select name from contacts where id = ` + column +
		`) when 18 then (select name from competitors where id = ` + column + `) else (select name from users where id = ` + column + `) end as "` + name + `.name"`
}

const encounters = `(select coalesce(json_agg(json_build_object('id', e.id, 'competitor', json_build_object('id', c.id, 'name', c.name),
		'outcome', case when x.status = 'OPEN' then 'OPEN' when x.status = 'WON' then 'WE_WON' when x.status = 'CANCELLED' then null
			when x.won_by_id = e.competitor_id then 'THEY_WON' when x.won_by_id is not null then 'OTHER_WON' when l.loss_kind = 'NO_DECISION' then 'NOBODY_WON' else 'UNKNOWN' end,
		'quotedPrice', case when e.quoted_price is not null then json_build_object('amount', trim_scale(e.quoted_price)::text, 'currency', e.currency) end)
		order by e.created_at, e.id), '[]') from encounters e join competitors c on c.id = e.competitor_id where e.opportunity_id = x.id) as encounters`

func (v *viewer) opportunitiesOf() *statement {
	return v.page("nodes", `x.id, x.title, x.status, s.id as "stage.id", coalesce(s.name_en, s.name) as "stage.name", s.probability as "stage.probability", `+
		money("x.amount", "x.currency", "amount")+`, `+person("u", "owner")+`, x.opened_on as "openedOn", x.expected_close_on as "expectedCloseOn", x.closed_at as "closedAt", `+
		entry("l", "lossReason")+`, `+encounters,
		"opportunities", "x.customer_id = @id::uuid", "x.created_at desc, x.id desc", 10,
		"join stages s on s.id = x.stage_id left join users u on u.id = x.owner_id left join dictionary_entries l on l.id = x.loss_reason_id", "]},")
}

func (v *viewer) servicesOf() *statement {
	return v.page("nodes", `x.id, x.title, x.kind, x.status, x.priority, `+person("u", "assignee")+`, x.opened_at as "openedAt", x.due_at as "dueAt", x.closed_at as "closedAt", `+
		money(v.cost("x.cost"), v.cost("x.currency"), "cost"), "services", "x.customer_id = @id::uuid", "x.id", 10, "left join users u on u.id = x.assignee_id", "]},")
}

func (v *viewer) documentsOf() *statement {
	return v.page("nodes", `x.id, x.name, x.media_type as "mediaType", x.size, `+entry("c", "category")+`, x.revision, x.uploaded_at as "uploadedAt", `+
		person("u", "uploadedBy")+`, '/files/' || x.id as "downloadUrl"`,
		"documents", "x.customer_id = @id::uuid", "x.id", 10, "left join dictionary_entries c on c.id = x.category_id left join users u on u.id = x.uploaded_by", "]},")
}

// timeline is what happened, of every sort at most a page and one more.
func (v *viewer) timeline() *statement {
	arms := ""
	for _, one := range []struct{ table, name, at, summary, by string }{
		{"activities", "Activity", "happened_at", "summary", "owner_id"}, {"services", "Service", "opened_at", "title", "owner_id"},
		{"documents", "Document", "uploaded_at", "name", "uploaded_by"},
	} {
		arms += fmt.Sprintf(`(select '%s' as type, x.id, x.%s as at, x.%s as summary, x.%s as by from %s x where x.customer_id = @id::uuid and %s order by x.%[2]s desc, x.id desc limit 21) union all `,
			one.name, one.at, one.summary, one.by, one.table, v.sees(one.table, "x"))
	}
	arms += `(select 'StageChange', s.id, s.changed_at, coalesce(f.name_en, f.name) || ' → ' || coalesce(t.name_en, t.name), s.changed_by
		from stage_changes s join opportunities x on x.id = s.opportunity_id left join stages f on f.id = s.from_stage_id left join stages t on t.id = s.to_stage_id
		where x.customer_id = @id::uuid and ` + v.sees("opportunities", "x") + ` order by s.changed_at desc, s.id desc limit 21)`
	history := func(of string) string {
		return ` union all (select 'HistoryEntry', a.id, a.at, a.action, a.actor_id from audit_entries a where ` + of + ` order by a.at desc, a.id desc limit 21)`
	}
	arms += history("a.record_id = @id::uuid") + history("a.record_id in ("+worksHere+") and exists (select from contacts x where x.id = a.record_id and "+v.sees("contacts", "x")+")")
	for _, table := range []string{"opportunities", "services"} {
		arms += history("a.record_id in (select x.id from " + table + " x where x.customer_id = @id::uuid and " + v.sees(table, "x") + ") and a.action not in ('CREATE', 'STAGE', 'WON', 'LOST', 'CANCELLED', 'REOPEN')")
	}
	st := ask(`"timeline":{"edges":[`, `select x.id::text as cursor, x.type as "node.__typename", x.id as "node.id", x.at as "node.at", x.summary as "node.summary",
		x.by as "node.by.id", (select u.name from users u where u.id = x.by) as "node.by.name" from (select * from (`+arms+`) x order by x.at desc, x.id desc limit 21) x order by x.at desc, x.id desc`, `],"pageInfo":{"hasNextPage":`)
	st.more = 20
	return st
}

const rated = `case when x.currency = 'CNY' then x.amount else round(x.amount * (select e.rate from exchange_rates e
	where e.currency = x.currency and e.valid_on <= coalesce((x.closed_at at time zone 'Asia/Shanghai')::date, @today::date) order by e.valid_on desc limit 1), 4) end`

func (v *viewer) value() *statement {
	return ask(`}},"value":`, `select `+money("o.won", "'CNY'", "wonAmount")+`, `+money("o.open", "'CNY'", "openAmount")+`, o.n as "opportunityCount",
		a.at as "lastFollowedUpAt", a.next as "nextFollowUpOn", greatest(0, floor(extract(epoch from now() - coalesce(a.at, (select created_at from customers where id = @id::uuid))) / 86400))::int as "daysSilent"
		from (select count(*) filter (where x.status <> 'CANCELLED') as n, sum(`+rated+`) filter (where x.status = 'WON') as won, sum(`+rated+`) filter (where x.status = 'OPEN') as open
			from opportunities x where x.customer_id = @id::uuid and `+v.sees("opportunities", "x")+`) o
		cross join (select max(x.happened_at) filter (where x.happened_at <= now()) as at, min(x.next_follow_up_on) filter (where x.next_follow_up_on >= @today::date) as next
			from activities x where x.customer_id = @id::uuid and `+v.sees("activities", "x")+`) a`, "")
}
