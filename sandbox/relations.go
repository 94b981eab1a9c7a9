package sandbox

import (
	"time"

	"github.com/google/uuid"

	"guanxi/models"
	"guanxi/store"
)

// relate adds a relationship that was entered at an instant.
func (a *acquiring) relate(kind string, from, to uuid.UUID, at time.Time) *models.Relationship {
	r := &models.Relationship{
		Record: born(a.ties.id(models.RelationshipCode, at), at, at, 1), TypeID: store.BuiltIn(models.RelationshipTypeCode, kind), AID: from, BID: to,
	}
	a.relationships = append(a.relationships, r)
	return r
}

// privateTies are how contacts of different customers stand to each other, and how often.
var privateTies = []struct {
	kind   string
	weight float64
	origin string
}{
	{"SPOUSE_OF", 14, "客户闲谈中得知"}, {"SIBLING_OF", 12, ""}, {"PARENT_PERSON_OF", 6, ""}, {"RELATIVE_OF", 8, "春节拜访时介绍"},
	{"CLASSMATE_OF", 24, "华南理工大学校友"}, {"FORMER_COLLEAGUE_OF", 22, ""}, {"FRIEND_OF", 18, "行业展会认识"}, {"FELLOW_TOWNSMAN_OF", 8, "潮汕商会"},
}

// tie connects the newest customer and its first contact with earlier ones. Those of the stories are left alone, so that
// their chains stay the shortest.
func (a *acquiring) tie(row *models.Customer) {
	t := a.ties
	at := len(a.clients) - 1
	k := &a.clients[at]
	if at <= len(stories) {
		return
	}
	earlier := func() *client { return &a.clients[len(stories)+t.IntN(at-len(stories))] }
	if o := earlier(); t.yes(0.22) && k.contact != uuid.Nil && o.contact != uuid.Nil {
		weights := make([]float64, len(privateTies))
		for i, p := range privateTies {
			weights[i] = p.weight
		}
		p := privateTies[t.weigh(weights)]
		r := a.relate(p.kind, k.contact, o.contact, k.since)
		r.Strength, r.Origin = some(t.between(1, 5)), someText(p.origin)
		if t.yes(0.08) {
			r.ValidFrom, r.ValidUntil = dateOf(k.since.AddDate(-3, 0, 0)), dateOf(k.since.AddDate(0, 2, 0))
		}
	}
	if o := earlier(); t.yes(0.10) {
		a.relate(pick(t, []string{"SUPPLIES", "PARTNER_OF", "INVESTS_IN"}), k.id, o.id, k.since).Strength = some(t.between(2, 4))
	}
	if row.SourceID != nil && *row.SourceID == entry(models.SourceDictionary, "REFERRAL") && t.yes(0.5) {
		a.relate("REFERRED_BY", k.id, earlier().id, k.since).Strength = some(t.between(2, 5))
	}
	if t.yes(0.06) {
		a.relate("BUYS_FROM_COMPETITOR", k.id, pick(t, a.rivals).id, k.since)
	}
}

// joinGroup puts the newest customer under the head of its group, or under another member.
func (a *acquiring) joinGroup() {
	at := len(a.clients) - 1
	k := &a.clients[at]
	if k.parent < 0 {
		return
	}
	head := k.parent
	if member, ok := a.members[head]; ok && a.ties.yes(0.3) {
		k.parent = member
	}
	a.members[head] = at
	r := a.relate("PARENT_OF", a.clients[k.parent].id, k.id, k.since)
	r.Strength, r.Note = some(5), someText("集团成员企业")
}

// acquaintances makes users know contacts of customers that are not theirs: where chains of introduction begin.
func (a *acquiring) acquaintances() {
	t := a.ties
	known := map[[2]uuid.UUID]bool{}
	for range len(a.staff) * 3 {
		who := t.IntN(len(a.staff))
		k := &a.clients[len(stories)+t.IntN(len(a.clients)-len(stories))]
		pair := [2]uuid.UUID{a.staff[who].id, k.contact}
		if k.contact == uuid.Nil || known[pair] || !a.staff[who].active() || a.staff[who].login == introducer {
			continue
		}
		known[pair] = true
		r := a.relate("KNOWS", pair[0], pair[1], k.since)
		r.Strength, r.Origin = some(t.between(1, 5)), someText(pick(t, []string{"高校校友", "行业协会", "前东家的客户", "邻居", ""}))
	}
}
