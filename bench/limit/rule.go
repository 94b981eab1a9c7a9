package limit

import (
	"guanxi/bench/market"
	"guanxi/models"
)

// owned is whether an owner's records are the viewer's to see.
func (v *viewer) owned(column string) string {
	if v.All {
		return "true"
	}
	return "get_bit(@bits::bytea, " + market.NumberOf(column) + ") = 1"
}

// opens is whether a customer c opens what belongs to it and is owned by whom a column names.
func (v *viewer) opens(owner string) string {
	text := "c.owner_id = @me::uuid or c.id = any(@shared::uuid[]) or " + v.owned("c.owner_id")
	if len(v.Denied) > 0 {
		text += " and (" + owner + " is null or " + owner + " <> all(@denied::uuid[]))"
	}
	return text
}

// sees is whether the viewer sees the row of a table: by its owner alone, or by the whole rule. A document with a list of its own is
// seen by its owner and those on the list in either.
func (v *viewer) sees(table, row string) string {
	text := v.open(table, row)
	if table == "documents" {
		text = "case when " + row + ".restricted then " + row + ".owner_id = @me::uuid or exists (select from document_readers l where l.document_id = " +
			row + ".id and l.subject_id = @me::uuid) else " + text + " end"
	}
	return row + ".deleted_at is null and (" + text + ")"
}

func (v *viewer) open(table, row string) string {
	owner := row + ".owner_id"
	text := v.owned(owner)
	if !v.full || v.All {
		return text
	}
	text += " or " + row + ".id = any(@shared::uuid[])"
	customer := " or exists (select from customers c where c.id = " + row + ".customer_id and c.deleted_at is null and (" + v.opens(owner) + "))"
	through := func(other string) string {
		return " or exists (select from " + map[string]string{"opportunity": "opportunities", "service": "services"}[other] + " a join customers c on c.id = a.customer_id where a.id = " +
			row + "." + other + "_id and a.deleted_at is null and c.deleted_at is null and (" + v.opens(owner) + "))"
	}
	switch table {
	case "customers":
		return text + " or " + row + ".pool_id = any(@pools::uuid[])"
	case "contacts":
		return text + " or exists (select from relationships w join customers c on c.id = w.b_id where w.a_id = " + row + ".id and w.type_id = '" + models.WorksAtID.String() +
			"' and w.deleted_at is null and " + notEnded("w") + " and c.deleted_at is null and (c.pool_id = any(@pools::uuid[]) or " + v.opens(owner) + "))"
	case "opportunities":
		return text + customer
	case "services":
		return text + " or " + row + ".assignee_id = @me::uuid" + customer + through("opportunity")
	case "documents":
		return text + customer + through("opportunity") + through("service")
	}
	return text + " or " + row + ".assignee_id = @me::uuid" + customer + through("opportunity") + through("service")
}

func notEnded(e string) string {
	return "(" + e + ".valid_until is null or " + e + ".valid_until > @today::date)"
}

// live is whether a relationship holds today.
func live(e string) string {
	return "(" + e + ".valid_from is null or " + e + ".valid_from <= @today::date) and " + notEnded(e)
}

// party is whether the viewer sees the customer or contact that a column names; competitors and users are seen by all.
func (v *viewer) party(column string) string {
	return "case get_byte(uuid_send(" + column + "), 15) when 16 then exists (select from customers p where p.id = " + column + " and " + v.sees("customers", "p") +
		") when 17 then exists (select from contacts p where p.id = " + column + " and " + v.sees("contacts", "p") + ") else true end"
}

// readable is a protected value as far as the viewer reads it; what he would read masked is null.
func (v *viewer) readable(rights []string, mine, value string) string {
	scope, rest := rights[0] == "FULL", rights[1] == "FULL"
	switch {
	case scope && rest:
		return value
	case scope:
		return "case when " + mine + " then " + value + " end"
	}
	return "case when false then " + value + " end"
}

func (v *viewer) detail(row, column string) string {
	return v.readable(v.Contacts, v.owned(row+".owner_id"), row+"."+column)
}

func (v *viewer) cost(value string) string {
	return v.readable(v.Costs, v.owned("x.owner_id")+" or x.assignee_id = @me::uuid", value)
}
