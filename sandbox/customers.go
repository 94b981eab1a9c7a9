package sandbox

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"guanxi/models"
)

// client is what the company remembers of a customer while it is being made.
type client struct {
	id      uuid.UUID
	contact uuid.UUID // the first one; zero when there is none
	short   string
	since   time.Time
	owner   int       // place in staff; -1 in a pool
	before  int       // who had it earlier; -1 nobody
	handed  time.Time // when it went from one to the other
	region  string
	stage   string // lifecycle
	group   string // brand of the group it heads; "" for none
	parent  int    // place of the customer above it in its group; -1 for none
}

// keeper is who had the customer at an instant; -1 when it was in a pool.
func (c *client) keeper(at time.Time) int {
	if c.before >= 0 && at.Before(c.handed) {
		return c.before
	}
	return c.owner
}

// lives is how customers are spread over their lifecycle.
var lives = []struct {
	name   string
	weight float64
}{{"CUSTOMER", 58}, {"PROSPECT", 17}, {"LEAD", 10}, {"DORMANT", 10}, {"FORMER", 5}}

var sourceCodes = []string{"REFERRAL", "REFERRAL", "EXHIBITION", "EXHIBITION", "WEBSITE", "WEBSITE", "PHONE", "ADVERTISING", "SOCIAL_MEDIA", "PARTNER", "TENDER", "VISIT"}

// mostRemembered is how many customers a company may have for each to get a name of its own, as far as mostTries find one:
// a small region has fewer names than a large company has customers there.
const (
	mostRemembered = 20_000
	mostTries      = 30
)

const portion = 2_000 // customers or opportunities written at once

// acquire makes the customers with their contacts and everyone's relationships; the first few are those of the stories.
func (f *firm) acquire() error {
	a := &acquiring{firm: f, chance: f.chance("customers"), people: f.chance("contacts"), ties: f.chance("relationships"), past: f.chance("customers' history"), taken: map[string]bool{}, members: map[int]int{}, known: map[string]*models.Contact{}}
	f.clients = make([]client, 0, f.nCustomers)
	for _, s := range stories {
		a.story(s)
	}
	a.introductions()
	for len(f.clients) < f.nCustomers {
		a.one()
		if len(a.customers) >= portion {
			if err := a.write(); err != nil {
				return err
			}
		}
	}
	a.acquaintances()
	return a.write()
}

// acquiring collects the rows of new customers.
type acquiring struct {
	*firm
	chance
	people, ties  chance
	past          chance
	taken         map[string]bool // names in use, in a company small enough to remember them
	heads         []int           // clients that head a group
	members       map[int]int     // the newest member of each head's group
	customers     []*models.Customer
	contacts      []*models.Contact
	relationships []*models.Relationship
	shares        []*models.Share
	entries       []*models.AuditEntry
	entriesErr    error                      // the first entry that could not be written
	known         map[string]*models.Contact // those of the stories, by name
}

// since is when the customer at a place became one: most before the history begins, the others spread over it.
func (a *acquiring) since(at int) time.Time {
	early := a.from.AddDate(-1, 0, 0)
	span := float64(a.until.Sub(early)) * 0.97
	return a.workingHour(early.Add(time.Duration(span*float64(at)/float64(a.nCustomers))), a.until)
}

// one makes one customer by chance.
func (a *acquiring) one() {
	k := client{since: a.since(len(a.clients)), before: -1, parent: -1}
	weights := make([]float64, len(lives))
	for i, l := range lives {
		weights[i] = l.weight
	}
	k.stage = lives[a.weigh(weights)].name
	k.owner = a.seller()
	a.handOver(&k)
	k.region = a.regionOf(&k)
	row := &models.Customer{Kind: "ORGANIZATION"}
	if a.yes(0.04) && strings.HasPrefix(k.region, "CN-") {
		row.Kind = "PERSON"
		row.Name, _ = a.personName()
		k.short = row.Name
		row.Phone = someText(a.mobile())
	} else {
		a.incorporate(&k, row)
	}
	if !a.yes(0.10) {
		row.SourceID = some(entry(models.SourceDictionary, pick(a.chance, sourceCodes)))
	}
	a.keep(k, row)
	a.staffUp(row.Kind == "PERSON")
	a.joinGroup()
	a.tie(row)
}

// seller draws a salesperson, each as likely as the next but for Xiao Wang, who is an engineer first.
func (a *acquiring) seller() int {
	for {
		if i := a.IntN(len(a.staff)); a.staff[i].sells {
			return i
		}
	}
}

// handOver decides whether the customer left its first owner: for a colleague, because he left, or for a pool.
func (a *acquiring) handOver(k *client) {
	first := a.staff[k.owner]
	gone := first.left
	switch {
	case !first.active() && k.since.After(gone):
		k.owner = a.colleague(a.chance, first.department)
	case !first.active():
		k.before, k.owner, k.handed = k.owner, a.colleague(a.chance, first.department), gone
	case a.yes(0.07) && k.stage != "CUSTOMER":
		k.before, k.owner, k.handed = k.owner, -1, a.later(k.since)
	case a.yes(0.06):
		if next := a.colleague(a.chance, first.department); next != k.owner {
			k.before, k.owner, k.handed = k.owner, next, a.later(k.since)
		}
	}
}

func (a *acquiring) later(than time.Time) time.Time {
	return a.workingHour(than.Add(time.Duration(a.Float64()*float64(a.until.Sub(than)))), a.until)
}

// regionOf draws a region that the first owner sells to.
func (a *acquiring) regionOf(k *client) string {
	who := k.owner
	if k.before >= 0 {
		who = k.before
	}
	regions := a.staff[who].regions
	if len(regions) == 0 {
		regions = guangdongRegions
	}
	weights := make([]float64, len(regions))
	for i, r := range regions {
		weights[i] = r.weight
	}
	return regions[a.weigh(weights)].code
}

// incorporate names an organization; one in six belongs to the group of an earlier one.
func (a *acquiring) incorporate(k *client, row *models.Customer) {
	n := a.name(k)
	k.short = n.short
	if strings.Contains(n.full, "集团") && k.parent < 0 {
		k.group = n.short
	}
	row.Name, row.Phone = n.full, someText(a.landline(k.region, n.city))
	domain := strings.ReplaceAll(latin(n.short, ""), ".", "-") + ".example"
	row.Email, row.Website = someText("info@"+domain), someText("https://www."+domain)
	if n.city.area != "" {
		row.Address = someText(n.city.name + pick(a.chance, []string{"市高新区科技路 ", "市经济开发区工业大道 ", "市中山路 ", "市人民中路 "}) + strconv.Itoa(a.between(1, 888)) + " 号")
	}
	if !a.yes(0.06) {
		row.IndustryID = some(entry(models.IndustryDictionary, n.industry))
	}
}

func (a *acquiring) name(k *client) companyName {
	for try := 1; ; try++ {
		n := companyName{}
		k.parent = -1
		switch {
		case !strings.HasPrefix(k.region, "CN-"):
			n = a.foreignCompany(k.region)
		case len(a.heads) > 0 && a.yes(0.16):
			n = a.chineseCompany(k.region, false)
			k.parent = pick(a.chance, a.heads)
			brand := a.clients[k.parent].group
			n.full = strings.Replace(n.full, n.short, brand, 1)
			n.short = brand + n.city.name
		default:
			n = a.chineseCompany(k.region, a.yes(0.04))
		}
		if a.nCustomers > mostRemembered || try == mostTries {
			return n
		}
		if !a.taken[n.full] {
			a.taken[n.full] = true
			return n
		}
	}
}

// keep notes the customer and its row.
func (a *acquiring) keep(k client, row *models.Customer) {
	k.id = a.id(models.CustomerCode, k.since)
	changed, version := k.since, 1
	if k.before >= 0 {
		changed, version = k.handed, 2
	}
	row.Record, row.Lifecycle = born(k.id, k.since, changed, version), k.stage
	if row.RegionID == nil && !a.yes(0.04) {
		row.RegionID = some(entry(models.RegionDictionary, k.region))
	}
	if k.owner >= 0 {
		row.OwnerID = some(a.staff[k.owner].id)
	} else {
		row.PoolID = some(a.poolFor(k.before))
	}
	row.CreatedBy = some(a.staff[max(k.keeper(k.since), 0)].id)
	a.remember(&k, row)
	a.share(&k)
	if k.group != "" {
		a.heads = append(a.heads, len(a.clients))
	}
	a.clients = append(a.clients, k)
	a.customers = append(a.customers, row)
}

// poolFor is the pool of the region that the last owner worked in.
func (a *acquiring) poolFor(owner int) uuid.UUID {
	path := a.departments[a.staff[owner].department].path
	for i, p := range poolsOf[:len(poolsOf)-1] {
		for _, above := range path {
			if above == a.departments[p.department].id {
				return a.pools[i]
			}
		}
	}
	return a.pools[len(a.pools)-1]
}

// share opens a few customers to another person; not those of the cast, whose stories shares would blur.
func (a *acquiring) share(k *client) {
	if k.owner < len(cast) || !a.yes(0.025) {
		return
	}
	at := a.later(k.since)
	s := &models.Share{Record: born(a.id(models.ShareCode, at), at, at, 1), RecordID: k.id, Level: models.Observe, CreatedBy: some(a.staff[k.owner].id)}
	s.SubjectID = a.staff[a.colleague(a.chance, pick(a.chance, []string{"shenzhen", "nanning", "shanghai", "beijing"}))].id
	if a.yes(0.3) {
		s.Level = models.Manage
	}
	if a.yes(0.3) {
		s.Kinds = []string{"CUSTOMER", "OPPORTUNITY"}
	}
	if a.yes(0.5) {
		s.ExpiresAt = some(a.until.AddDate(0, a.between(1, 12), 0))
	}
	a.shares = append(a.shares, s)
}

func (a *acquiring) write() error {
	for _, step := range []func() error{
		func() error { return copyAll(a.firm, a.customers) }, func() error { return copyAll(a.firm, a.contacts) },
		func() error { return copyAll(a.firm, a.relationships) }, func() error { return copyAll(a.firm, a.shares) },
		func() error { return cmp.Or(a.entriesErr, copyAll(a.firm, a.entries)) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	a.progress(len(a.customers))
	a.customers, a.contacts, a.relationships, a.shares, a.entries = nil, nil, nil, nil, nil
	return nil
}
