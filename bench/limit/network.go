package limit

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// network renders what is around a party, hop by hop: as many parties as may be, those of the strongest relationships first.
func (v *viewer) network(depth, first int) string {
	with := "with recursive n0 as (select @id::uuid as far, 0::bigint as place), "
	for hop := 1; hop <= depth; hop++ {
		var before []string
		room := fmt.Sprint(first)
		for h := range hop {
			before = append(before, fmt.Sprintf("select far from n%d", h))
			if h > 0 {
				room += fmt.Sprintf(" - (select count(*) from n%d)", h)
			}
		}
		arm := func(near, far string) string {
			return fmt.Sprintf("select e.%s as far, e.strength from n%d f join relationships e on e.%s = f.far where e.deleted_at is null and %s", far, hop-1, near, live("e"))
		}
		with += fmt.Sprintf(`n%d as materialized (select far, row_number() over () as place from (select far from (
			select far, coalesce(max(strength), 0) as strength from (%s union all %s) s where %s - 1 >= 0 and far not in (%s) group by far order by strength desc, far offset 0) s
			where %s limit %d) s), `,
			hop, arm("a_id", "b_id"), arm("b_id", "a_id"), room, strings.Join(before, " union all "), v.party("far"), first)
	}
	var all []string
	for hop := 0; hop <= depth; hop++ {
		all = append(all, fmt.Sprintf("select far, %d as hops, place from n%[1]d", hop))
	}
	return with + fmt.Sprintf("ranked as materialized (select far, hops, row_number() over (order by hops, place) as nr from (%s) a), nodes as materialized (select * from ranked where nr <= %d) ",
		strings.Join(all, " union all "), first)
}

// net gives the statement of a network: its parties by hops, then the relationships between them, then whether there are more. One
// sort of row serves all three.
func (v *viewer) net(before string, depth, first int, edges bool) *statement {
	text := v.network(depth, first) + "select 1, n.nr, " + strings.NewReplacer(` as "x.__typename"`, "", ` as "x.id"`, "", ` as "x.name"`, "").Replace(party("n.far", "x")) +
		", n.hops, null::uuid, null::uuid from nodes n "
	if edges {
		text += `union all select 2, 0, coalesce(t.name_ab_en, t.name_ab), e.id, null, 0, e.a_id, e.b_id from nodes a join relationships e on e.a_id = a.far
			join relationship_types t on t.id = e.type_id where coalesce(e.b_id in (select far from nodes), false) and e.deleted_at is null and ` + live("e")
	}
	st := ask(before, text+" union all select 3, 0, '', null, null, ((select count(*) from ranked) > (select count(*) from nodes))::int, null, null order by 1, 2, 4", "")
	st.by = writeNet
	return st
}

func writeNet(to []byte, rows pgx.Rows) []byte {
	id := func(value []byte) string { return uuid.UUID(value).String() }
	sort, between := byte(0), ""
	to = append(to, `"nodes":[`...)
	for rows.Next() {
		value := rows.RawValues()
		now := value[0][3]
		if now != sort {
			if now == 2 {
				to = append(to, `],"edges":[`...)
			}
			sort, between = now, ""
		}
		to = append(to, between...)
		between = ","
		switch now {
		case 1:
			to = append(writeText(append(to, `{"party":{"__typename":`...), value[2]), `,"id":"`...)
			to = writeText(append(append(to, id(value[3])...), `","name":`...), value[4])
			to = append(strconv.AppendInt(append(to, `},"hops":`...), int64(value[5][3]), 10), '}')
		case 2:
			to = append(writeText(append(to, `{"label":`...), value[2]), `,"a":{"id":"`...)
			to = append(append(append(append(to, id(value[6])...), `"},"b":{"id":"`...), id(value[7])...), `"},"relationship":{"id":"`...)
			to = append(append(to, id(value[3])...), `"}}`...)
		case 3:
			to = strconv.AppendBool(append(to, `],"truncated":`...), value[5][3] == 1)
		}
	}
	return to
}

func net3(v *viewer) *plan {
	return &plan{opening: `{"data":{"customer":{"network":{`, closing: "}}}}", statements: []*statement{v.net("", 3, 500, false)}}
}

const noPath = `{"data":{"paths":[]}}`

// way is how a party was reached: from which, by which relationship.
type way struct{ before, relationship uuid.UUID }

// introduction finds one shortest chain: from both ends, always a hop further from the one with fewer parties at its frontier.
func (s *server) introduction(ctx context.Context, v *viewer, variables map[string]any) ([]byte, error) {
	var ends [2]uuid.UUID
	for i, name := range []string{"from", "to"} {
		text, _ := variables[name].(string)
		id, err := uuid.Parse(text)
		if err != nil {
			return nil, err
		}
		ends[i] = id
	}
	if ends[0] == ends[1] {
		return []byte(noPath), nil
	}
	reached := [2]map[uuid.UUID]way{{ends[0]: {}}, {ends[1]: {}}}
	frontier := [2][]uuid.UUID{{ends[0]}, {ends[1]}}
	arm := func(near, far string) string {
		return "select e." + near + ", e." + far + " as far, e.id, coalesce(e.strength, 0) as strength from relationships e join relationship_types t on t.id = e.type_id and t.introduces where e." +
			near + " = any(@frontier::uuid[]) and e.deleted_at is null and " + live("e")
	}
	st := ask("", "select s.* from ("+arm("a_id", "b_id")+" union all "+arm("b_id", "a_id")+") s where "+v.party("s.far")+" order by s.strength desc, s.id", "")
	for range 5 {
		i := 0
		if len(frontier[1]) < len(frontier[0]) {
			i = 1
		}
		rows, err := s.pool.Query(ctx, st.text, st.arguments(v, map[string]any{"frontier": frontier[i]})...)
		if err != nil {
			return nil, err
		}
		frontier[i] = nil
		var near, far, relationship uuid.UUID
		var strength int
		if _, err := pgx.ForEachRow(rows, []any{&near, &far, &relationship, &strength}, func() error {
			if _, known := reached[i][far]; !known {
				reached[i][far] = way{near, relationship}
				frontier[i] = append(frontier[i], far)
			}
			return nil
		}); err != nil {
			return nil, err
		}
		if at := slices.IndexFunc(frontier[i], func(id uuid.UUID) bool { _, met := reached[1-i][id]; return met }); at >= 0 {
			return json.Marshal(chain(reached, ends, frontier[i][at]))
		}
	}
	return []byte(noPath), nil
}

// chain is the way from one end over the party where both sides met to the other.
func chain(reached [2]map[uuid.UUID]way, ends [2]uuid.UUID, met uuid.UUID) any {
	var list []uuid.UUID
	for id := met; id != ends[0]; id = reached[0][id].before {
		list = append(list, id)
	}
	list = append(list, ends[0])
	slices.Reverse(list)
	for id := met; id != ends[1]; {
		id = reached[1][id].before
		list = append(list, id)
	}
	return map[string]any{"data": map[string]any{"paths": []any{map[string]any{"hops": len(list) - 1, "steps": list}}}}
}
