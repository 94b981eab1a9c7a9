package sandbox

import (
	"strings"
	"time"

	"guanxi/models"
)

// positions are what contacts are at their company, and their part in a decision.
var positions = []struct{ title, titleEn, part string }{
	{"总经理", "Managing Director", "DECISION_MAKER"}, {"采购经理", "Purchasing Manager", "BUYER"}, {"信息部主任", "Head of IT", "INFLUENCER"},
	{"生产总监", "Production Director", "CHAMPION"}, {"设备工程师", "Equipment Engineer", "USER"}, {"总经理助理", "Assistant to the Director", "GATEKEEPER"},
	{"副总经理", "Deputy Director", "DECISION_MAKER"}, {"财务总监", "CFO", "INFLUENCER"}, {"车间主任", "Workshop Manager", "USER"},
}

// staffUp gives the newest customer its contacts, the first of them primary.
func (a *acquiring) staffUp(person bool) {
	k := &a.clients[len(a.clients)-1]
	n := 1 + a.people.weigh([]float64{20, 30, 30, 15, 5})
	if person {
		n = a.people.IntN(2)
	}
	for i := range n {
		a.employ(k, a.newContact(k), i)
	}
	if n > 1 && len(a.clients) > 50 && a.people.yes(0.05) {
		a.alsoElsewhere(k)
	}
}

// newContact makes a person who can be reached at the customer.
func (a *acquiring) newContact(k *client) *models.Contact {
	p := a.people
	at := p.workingHour(k.since.Add(time.Duration(p.IntN(90*24))*time.Hour), a.until)
	if at.Before(k.since) {
		at = k.since
	}
	row := &models.Contact{}
	if strings.HasPrefix(k.region, "CN-") {
		name, gender := p.personName()
		row.Name, row.Gender, row.Phone = name, &gender, someText(p.mobile())
		if p.yes(0.6) {
			row.Wechat = someText("wx_" + latin(name, "") + p.digits("xx"))
		}
	} else {
		row.Name, row.Phone = p.foreignName(), someText(p.landline(k.region, city{}))
	}
	if p.yes(0.7) {
		row.Email = someText(latin(row.Name, ".") + "@" + strings.ReplaceAll(latin(k.short, ""), ".", "-") + ".example")
	}
	if p.yes(0.35) {
		row.Birthday = dateOf(time.Date(1960+p.IntN(40), time.Month(1+p.IntN(12)), 1+p.IntN(28), 0, 0, 0, 0, china))
	}
	a.addContact(k, row, at)
	return row
}

func (a *acquiring) addContact(k *client, row *models.Contact, at time.Time) {
	row.Record = born(a.people.id(models.ContactCode, at), at, at, 1)
	if k.owner >= 0 {
		row.OwnerID = some(a.staff[k.owner].id)
	}
	row.CreatedBy = some(a.staff[max(k.keeper(at), 0)].id)
	a.contacts = append(a.contacts, row)
}

// employ makes the contact work at the customer.
func (a *acquiring) employ(k *client, contact *models.Contact, place int) {
	position := positions[(place+a.people.IntN(2))%len(positions)]
	title := position.title
	if !strings.HasPrefix(k.region, "CN-") {
		title = position.titleEn
	}
	r := a.relate(models.WorksAt, contact.ID, k.id, contact.CreatedAt)
	r.ContactRole, r.Title, r.IsPrimary, r.Strength = someText(position.part), &title, place == 0, some(a.people.between(2, 5))
	r.ValidFrom = dateOf(contact.CreatedAt.AddDate(-a.people.IntN(6), 0, 0))
	if place == 0 {
		k.contact = contact.ID
		return
	}
	if a.people.yes(0.04) {
		r.ValidUntil = dateOf(contact.CreatedAt.AddDate(0, 1+a.people.IntN(10), 0))
	}
}

// alsoElsewhere lets the newest contact work at an earlier customer of the same owner too: an adviser, a board member.
func (a *acquiring) alsoElsewhere(k *client) {
	contact := a.contacts[len(a.contacts)-1]
	for range 40 {
		other := &a.clients[len(stories)+a.people.IntN(len(a.clients)-len(stories))]
		if other.id == k.id || other.owner != k.owner {
			continue
		}
		r := a.relate(models.WorksAt, contact.ID, other.id, contact.CreatedAt)
		r.ContactRole, r.Title, r.Strength = someText("INFLUENCER"), someText("顾问"), some(2)
		return
	}
}
