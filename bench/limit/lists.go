package limit

import (
	"fmt"

	"guanxi/bench/market"
)

// few is how many people's records are found person by person rather than by walking the order.
const few = 50

// newest is the newest opportunities, 50 of them: by the index on the order, of whose rows is asked who sees them, or for a viewer of
// few from those few.
func newest(v *viewer) *plan {
	return v.list("opportunities", "x.created_at desc, x.id desc", `x.id, x.title, x.status, `+money("x.amount", "x.currency", "amount")+`, `+person("u", "owner")+`, `+person("c", "customer")+`, x.created_at as "createdAt"`,
		"left join users u on u.id = x.owner_id left join customers c on c.id = x.customer_id and "+v.sees("customers", "c"))
}

// byName is the first customers by their names, 50 of them.
func byName(v *viewer) *plan {
	return v.list("customers", `x.name collate "zh-x-icu", x.id`, `x.id, x.name, x.lifecycle, `+person("u", "owner")+`, `+entry("r", "region"),
		"left join users u on u.id = x.owner_id left join dictionary_entries r on r.id = x.region_id")
}

func (v *viewer) list(table, order, columns, joins string) *plan {
	from := "(select * from " + table + " x where " + v.sees(table, "x") + " order by " + order + " limit 50)"
	if v.reach() <= few {
		from = "(select * from (select distinct on (x.id) x.* from (" + v.ways(table, order) + ") x) x order by " + order + " limit 50)"
	}
	return &plan{opening: `{"data":{"` + table + `":`, closing: "}}", statements: []*statement{
		ask(`{"nodes":[`, fmt.Sprintf("select %s from %s x %s order by %s", columns, from, joins, order), "]}"),
	}}
}

// reach is how many people's records the viewer sees.
func (v *viewer) reach() int {
	if v.All {
		return 1 << 16
	}
	return len(v.Owners)
}

// ways finds the rows of a table from those who own them: of each so many as a page has. By the whole rule also what is shared and
// what belongs to customers of theirs; what is found is asked again who sees it.
func (v *viewer) ways(table, order string) string {
	top := func(source string) string {
		return "(select x.* from " + source + " and " + v.sees(table, "x") + " order by " + order + " limit 50)"
	}
	mine := "(select id from users where get_bit(@bits::bytea, " + market.NumberOf("id") + ") = 1) m cross join lateral "
	of := func(from, column string) string {
		return "select x.* from " + from + "(select x.* from " + table + " x where x." + column + " and " + v.sees(table, "x") + " order by " + order + " limit 50) x"
	}
	text := of(mine, "owner_id = m.id")
	if v.full {
		text += " union all " + top(table+" x where x.id = any(@shared::uuid[])")
		if table != "customers" {
			text += " union all (" + of("(select c.id from "+mine+"(select id from customers c where c.owner_id = m.id and c.deleted_at is null) c) c cross join lateral ", "customer_id = c.id") + ")"
			text += " union all (" + of("(select id from customers c where c.id = any(@shared::uuid[])) c cross join lateral ", "customer_id = c.id") + ")"
		} else {
			text += " union all " + top(table+" x where x.pool_id = any(@pools::uuid[])")
		}
	}
	return text
}

// find looks for names that hold two characters: those that are it, that begin so, that have it within; shorter ones first.
func find(v *viewer) *plan {
	text := ""
	for i, one := range []struct{ table, name, column string }{{"customers", "Customer", "name"}, {"contacts", "Contact", "name"}, {"opportunities", "Opportunity", "title"}} {
		if i > 0 {
			text += " union all "
		}
		text += fmt.Sprintf(`(select '%s' as type, x.id, x.%s as name, split_part(x.search_text, chr(10), 1) as line from %s x where x.search_terms @> array[@text::text] and %s order by x.id desc limit 10001)`,
			one.name, one.column, one.table, v.sees(one.table, "x"))
	}
	st := ask(`{"nodes":[`, `select 'NAME' as matched, type as "record.__typename", id as "record.id", name as "record.name" from (`+text+`) x
		order by case when replace(line, ' ', '') = @text::text then 0 when starts_with(replace(line, ' ', ''), @text::text) then 1 else 2 end, char_length(line), id limit 21`, `],"pageInfo":{"hasNextPage":`)
	st.more = 20
	return &plan{opening: `{"data":{"search":`, closing: "}}}}", statements: []*statement{st}}
}
