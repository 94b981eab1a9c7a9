package search

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"pgregory.net/rapid"

	"guanxi/access"
	"guanxi/feed"
	"guanxi/internal/naive"
	"guanxi/internal/pgtest"
	"guanxi/models"
)

// town is a random company whose records have random names, and names in memory as two processes keep them. What is searched
// for is answered by SQL, from memory, and by a reading apart, which must tell the same.
type town struct {
	testing.TB
	pool    *pgxpool.Pool
	r       *rand.Rand
	company *naive.Company
	now     time.Time
	names   []*Names
	seller  int // a user who sees what is his
}

var townNow = time.Date(2026, 3, 1, 20, 0, 0, 0, time.UTC)

func newTown(t testing.TB, seed, size int) *town {
	t.Helper()
	w := &town{TB: t, pool: pgtest.New(t), r: rand.New(rand.NewPCG(uint64(seed), 5)), now: townNow}
	w.company = rapid.Custom(func(rt *rapid.T) *naive.Company { return naive.DrawOf(rt, townNow, "2026-03-02", size) }).Example(seed)
	kinds := []string{"CUSTOMER_READ", "CONTACT_READ", "OPPORTUNITY_READ", "SERVICE_READ", "DOCUMENT_READ", "ACTIVITY_READ", "SAVED_REPORT_READ", "DASHBOARD_READ"}
	w.company.AddAdministrator(kinds...)
	denied := w.company.AddAdministrator(kinds...)
	w.company.Grants = append(w.company.Grants, &naive.Grant{Number: 60_000, ToUser: denied, ToRole: -1, Over: naive.Subject{What: "user", Which: 0}, Deny: true})
	w.seller = w.company.AddAdministrator(kinds...)
	w.company.Grants[len(w.company.Grants)-1].Over = naive.Subject{What: "user", Which: w.seller}
	for _, r := range w.company.Records {
		r.Name = w.name()
		if r.Phone != "" {
			r.Phone = w.phone()
		}
	}
	err := pgx.BeginFunc(t.Context(), w.pool, func(tx pgx.Tx) error {
		return naive.WriteIndexed(t.Context(), tx, w.company, func(name, phone string) naive.Indexed {
			terms, text := Name(name)
			return naive.Indexed{Terms: terms, Text: text, Phones: Phones(phone)}
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	w.names = []*Names{w.keep(usually), w.keep(otherwise[seed%2])}
	return w
}

// otherwise answers everyone who does not see all from the rows that are his, as is usual where there are very many, or who sees least.
var otherwise = []usual{{sieved: 1, rows: 1, share: 1}, {sieved: 1, rows: 1, share: 4}}

func (w *town) keep(few usual) *Names {
	n := NewNames(Options{Pool: w.pool, Log: slog.New(slog.DiscardHandler), Now: func(context.Context) (time.Time, error) { return w.now, nil }})
	n.few = few
	if err := n.Tend(w.Context()); err != nil {
		w.Fatal(err)
	}
	return n
}

func (w *town) exec(text string, args ...any) {
	w.Helper()
	if _, err := w.pool.Exec(context.Background(), text, args...); err != nil {
		w.Fatalf("%v in %s", err, text)
	}
}

var words = []string{"华为", "华伟", "技术", "有限公司", "重庆", "银行", "王 伟", "张", "Acme", "acne", "Siemens", "Simens AG", "Müller", "José", "GTX-Pro", "东莞", "长江电力",
	"长江存储", "Shanghai Metal", "AT&T", "№5", "Łódź", "が", "国际贸易"}

func (w *town) name() string {
	name := words[w.r.IntN(len(words))]
	for range w.r.IntN(3) {
		name += []string{"", "", " ", "·"}[w.r.IntN(4)] + words[w.r.IntN(len(words))]
	}
	return name
}

func (w *town) phone() string {
	return []string{"+86", "", "0755-"}[w.r.IntN(3)] + fmt.Sprintf("138%04d%04d", w.r.IntN(3), w.r.IntN(5))
}

// typed is what somebody may type: a part of a name, of its pinyin, of its initials, with an error in it, or the end of a number.
func (w *town) typed() string {
	name := w.name()
	switch n := w.r.IntN(10); {
	case n == 0:
		phone := onlyDigits(w.phone())
		return phone[w.r.IntN(len(phone)-3):]
	case n == 1:
		return string(rune('a' + w.r.IntN(26)))
	case n < 5:
		if lines := read(name).pinyin; len(lines) > 0 {
			name = lines[w.r.IntN(len(lines))]
		}
	case n < 6:
		if lines := read(name).initials; len(lines) > 0 {
			name = lines[0]
		}
	}
	runes := []rune(name)
	from := w.r.IntN(len(runes))
	runes = runes[from:min(len(runes), from+2+w.r.IntN(14))]
	for range max(0, w.r.IntN(5)-2) {
		runes = w.wrong(runes)
	}
	return string(runes)
}

func (w *town) wrong(runes []rune) []rune {
	if len(runes) == 0 {
		return runes
	}
	i, other := w.r.IntN(len(runes)), []rune("aeinsh华王技")[w.r.IntN(9)]
	switch w.r.IntN(4) {
	case 0:
		return slices.Insert(slices.Clone(runes), i, other)
	case 1:
		return slices.Delete(slices.Clone(runes), i, min(len(runes), i+1))
	case 2:
		changed := slices.Clone(runes)
		changed[i] = other
		return changed
	}
	changed := slices.Clone(runes)
	changed[i], changed[(i+1)%len(runes)] = changed[(i+1)%len(runes)], changed[i]
	return changed
}

func (w *town) viewers() []*access.Viewer {
	var list []*access.Viewer
	for i := range w.company.Users {
		v, err := access.Load(context.Background(), w.pool, naive.ID(models.UserCode, i), w.now)
		if err != nil {
			w.Fatal(err)
		}
		list = append(list, v)
	}
	return list
}

// all joins the pages of a search, of so many hits each.
func (w *town) all(snap *access.Snapshot, names *Names, text string, first int, kinds []string) []string {
	w.Helper()
	ask := Ask{Text: text, First: first, Names: names, Kinds: kinds, Seal: func(plain []byte) string { return string(plain) }, Open: func(c string) ([]byte, error) { return []byte(c), nil }}
	var list []string
	for {
		page, err := Find(context.Background(), snap, ask)
		if err != nil {
			w.Fatalf("%q: %v", text, err)
		}
		for _, hit := range page.Hits {
			list = append(list, fmt.Sprint(hit.Matched, " ", hit.RecordID, " ", hit.Cursor))
		}
		if !page.HasNext {
			break
		}
		ask.After = &page.Hits[len(page.Hits)-1].Cursor
	}
	count, err := Count(context.Background(), snap, Ask{Text: text, First: first, Names: names, Kinds: kinds})
	if err != nil || count.Number != len(list) || !count.Exact {
		w.Fatalf("%q finds %q, %d at a time from memory %t, and counts %+v, %v", text, list, first, names != nil, count, err)
	}
	return list
}

// compare asks both in one snapshot.
func (w *town) compare(snap *access.Snapshot, names *Names, text string) (similar int) {
	w.Helper()
	if _, err := Parse(text); err != nil {
		return 0
	}
	var kinds []string
	if w.r.IntN(4) == 0 {
		kinds = []string{"CONTACT", "DOCUMENT", "USER", "DASHBOARD"}
	}
	first := []int{1, 2, 5, 100}[w.r.IntN(4)]
	want := w.all(snap, nil, text, 100, kinds)
	if len(want) < handful {
		near := w.similar(snap, text, kinds)
		want, similar = append(want, near...), len(near)
	}
	_, before := names.Answered()
	got := w.all(snap, names, text, first, kinds)
	if _, now := names.Answered(); now > before && len(got) == len(want)-similar { // SQL, which finds nothing similar, answered what memory could not
		want = want[:len(got)]
	}
	if !slices.Equal(got, want) {
		w.Fatalf("viewer %s looks for %q, %d at a time:\nSQL    %q\nmemory %q", snap.Viewer.UserID, text, first, want, got)
	}
	return similar
}

// similar reads apart what is similar: every word's beginning held against what was typed, letter by letter.
func (w *town) similar(snap *access.Snapshot, text string, kinds []string) []string {
	q, _ := Parse(text)
	var rows []row
	for _, kind := range Searchable() {
		if kinds != nil && !slices.Contains(kinds, kind.Name) {
			continue
		}
		query := snap.Viewer.Query()
		err := snap.Run(context.Background(), query, "select x.id, x.search_text, x.search_terms from "+query.Visible(kind, "x"), func(read access.Row) error {
			var r row
			var text string
			var terms []string
			if err := read.Scan(&r.ID, &text, &terms); err != nil {
				return err
			}
			lines := strings.Split(text, "\n")
			if errors := errorsIn(q, lines, terms); errors > 0 && errors <= mostErrors {
				r.Rank, r.Length, r.line = byPhone+errors, utf8.RuneCountInString(lines[0]), lines[0]
				rows = append(rows, r)
			}
			return nil
		})
		if err != nil {
			w.Fatal(err)
		}
	}
	slices.SortFunc(rows, func(a, b row) int { return a.compare(&b.place) })
	var list []string
	for _, r := range rows {
		f := &finder{typed: q}
		hit, _ := f.hit(r, func(plain []byte) string { return string(plain) })
		list = append(list, fmt.Sprint(hit.Matched, " ", hit.RecordID, " ", hit.Cursor))
	}
	return list
}

// errorsIn tells with how few errors one piece is in a record that has the others; 0 when it has all, or there are too many.
func errorsIn(q Query, lines, terms []string) int {
	has := func(piece string) bool {
		if utf8.RuneCountInString(piece) <= 2 {
			return slices.Contains(terms, piece)
		}
		return slices.ContainsFunc(lines, func(line string) bool { return strings.Contains(line, piece) })
	}
	best := mostErrors + 1
	var missing []string
	for _, piece := range q.pieces {
		if !has(piece) {
			missing = append(missing, piece)
		}
	}
	if len(missing) != 1 {
		return 0
	}
	piece := missing[0]
	name := lines[0]
	switch {
	case strings.ContainsFunc(piece, isHan):
		if utf8.RuneCountInString(piece) >= 3 && (differs(name, piece) || differs(squeeze(name), piece)) {
			best = 1
		}
	case len(piece) >= 4 && strings.Trim(piece, "abcdefghijklmnopqrstuvwxyz") == "":
		most := 1
		if len(piece) >= 8 {
			most = 2
		}
		for _, start := range startsOf(lines) {
			for end := 0; end <= len(start); end++ {
				if n := distance(piece, start[:end]); n <= most {
					best = min(best, n)
				}
			}
		}
	}
	if best > mostErrors {
		return 0
	}
	return best
}

func startsOf(lines []string) []string {
	var list []string
	add := func(line string) {
		if line = strings.ReplaceAll(line, " ", ""); line != "" && line[0] >= 'a' && line[0] <= 'z' {
			list = append(list, line)
		}
	}
	name := []rune(lines[0])
	for i := range name {
		if i == 0 || !counts(name[i-1]) || isHan(name[i-1]) {
			add(string(name[i:]))
		}
	}
	rest := lines[1:]
	if len(rest) > 0 && rest[0] == squeeze(lines[0]) {
		add(rest[0])
		rest = rest[1:]
	}
	if strings.ContainsFunc(lines[0], isHan) {
		rest = rest[:min(1, len(rest))]
	}
	for _, line := range rest {
		add(line)
	}
	return list
}

// differs tells whether a piece of Chinese characters alone stands in a line, of which it is no part, with one character changed or left out, or, from four
// on, added.
func differs(line, piece string) bool {
	in, typed := []rune(line), []rune(piece)
	if slices.ContainsFunc(typed, func(r rune) bool { return !isHan(r) }) {
		return false
	}
	for length := len(typed) - 1; length <= len(typed)+1; length++ {
		for from := 0; from+length <= len(in); from++ {
			part := in[from : from+length]
			if slices.ContainsFunc(part, func(r rune) bool { return !isHan(r) }) {
				continue
			}
			switch length - len(typed) {
			case -1:
				if len(typed) >= 4 && lacksOne(typed, part) {
					return true
				}
			case 0:
				others := 0
				for i, r := range typed {
					if part[i] != r {
						others++
					}
				}
				if others == 1 {
					return true
				}
			case 1:
				if lacksOne(part, typed) {
					return true
				}
			}
		}
	}
	return false
}

// lacksOne tells whether the one is the other but for one character less.
func lacksOne(whole, part []rune) bool {
	for i := range whole {
		if slices.Equal(slices.Concat(whole[:i], whole[i+1:]), part) {
			return true
		}
	}
	return false
}

// distance counts the letters left out, added, changed, and changed over, between two texts.
func distance(a, b string) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		for k := range d[i] {
			switch {
			case i == 0 || k == 0:
				d[i][k] = i + k
			case a[i-1] == b[k-1]:
				d[i][k] = min(d[i-1][k-1], d[i-1][k]+1, d[i][k-1]+1)
			default:
				d[i][k] = 1 + min(d[i-1][k-1], d[i-1][k], d[i][k-1])
			}
			if i > 1 && k > 1 && a[i-1] == b[k-2] && a[i-2] == b[k-1] {
				d[i][k] = min(d[i][k], d[i-2][k-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}

// byNaive compares what is found by name with the model of who sees what.
func (w *town) byNaive(v int, snap *access.Snapshot, names *Names, text string) {
	w.Helper()
	q, err := Parse(text)
	if err != nil || q.Phone != "" {
		return
	}
	kinds := []string{"CUSTOMER", "CONTACT", "OPPORTUNITY", "SERVICE", "DOCUMENT", "ACTIVITY"}
	var want []uuid.UUID
	for _, r := range w.company.Records {
		if slices.Contains(kinds, r.Kind) && w.company.Sees(v, r, false) && Match(q, r.Name) != ByNothing {
			want = append(want, r.ID())
		}
	}
	var got []uuid.UUID
	for _, hit := range w.all(snap, names, text, 100, kinds) {
		if parts := strings.Fields(hit); parts[0] != string(BySimilarName) {
			got = append(got, uuid.MustParse(parts[1]))
		}
	}
	byID := func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }
	slices.SortFunc(want, byID)
	slices.SortFunc(got, byID)
	if !slices.Equal(got, want) {
		w.Fatalf("user %d looks for %q: the model has %v, memory %v", v, text, want, got)
	}
}

// change lets something happen to names, or to whose records are.
func (w *town) change() {
	table := []string{"customers", "contacts", "opportunities", "services", "documents", "activities"}[w.r.IntN(6)]
	one := fmt.Sprintf(" where id = (select id from %s order by md5(id::text || '%d') limit 1)", table, w.r.IntN(1000))
	user := naive.ID(models.UserCode, w.r.IntN(len(w.company.Users)))
	switch w.r.IntN(9) {
	case 0, 1, 2:
		terms, text := Name(w.name())
		w.exec("update "+table+" set search_terms = $1, search_text = $2"+one, terms, text)
	case 3:
		w.exec("update " + table + " set deleted_at = now(), deletion_id = id" + one)
	case 4:
		w.exec("update " + table + " set deleted_at = null, deletion_id = null" + one)
	case 5:
		if table == "customers" {
			w.exec("update customers set owner_id = $1, pool_id = null"+one, user)
		} else {
			w.exec("update "+table+" set owner_id = $1"+one, user)
		}
	case 6:
		w.exec("update opportunities set customer_id = (select id from customers order by random() limit 1) where id = (select id from opportunities order by random() limit 1)")
	case 7:
		w.exec("update relationships set deleted_at = case when deleted_at is null then now() end, deletion_id = case when deletion_id is null then id end where id = (select id from relationships order by random() limit 1)")
	case 8:
		w.exec("insert into shares (id, record_id, subject_id, level, created_at, updated_at) select $1, id, $2, 'OBSERVE', now(), now() from "+table+one, models.NewID(models.ShareCode), user)
	}
}

// Whatever the company, its rights and what changes between, who looks and what for: memory finds what SQL finds, in the same
// order, and the model sees; and beside that what is similar.
func TestMemoryFindsWhatSQLFinds(t *testing.T) {
	t.Parallel()
	var answered, declined int64
	similar := 0
	for seed := range max(3, naive.Decisions(0)/20_000) {
		w := newTown(t, seed, 10)
		for round := range 5 {
			for i, v := range w.viewers() {
				snap := access.Look(w.pool, v)
				for range 5 {
					text := w.typed()
					similar += w.compare(snap, w.names[w.r.IntN(2)], text)
					if round == 0 {
						w.byNaive(i, snap, w.names[0], text)
					}
				}
				snap.Close(context.Background())
			}
			for range 1 + w.r.IntN(5) {
				w.change()
			}
			if n := w.r.IntN(3); n < 2 {
				if err := w.names[n].Tend(context.Background()); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, n := range w.names {
			a, d := n.Answered()
			answered, declined = answered+a, declined+d
		}
	}
	t.Logf("memory answered %d, and declined %d; %d were similar", answered, declined, similar)
	if declined*20 > answered || similar < 20 {
		t.Errorf("memory answered %d searches and declined %d; %d were similar", answered, declined, similar)
	}
}

// Two processes keep names in the background while others write, and snapshots are asked late: each answer is that of its own
// snapshot.
func TestMemoryTellsWhatASnapshotShows(t *testing.T) {
	t.Parallel()
	w := newTown(t, 3, 10)
	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	changes := feed.New(w.pool, slog.New(slog.DiscardHandler))
	all.Go(func() { changes.Run(ctx) })
	for _, n := range w.names {
		hints, _ := changes.Follow()
		all.Go(func() { n.Run(ctx, hints) })
	}
	writer := *w
	writer.r = rand.New(rand.NewPCG(9, 9))
	all.Go(func() {
		for ctx.Err() == nil {
			writer.change()
			changes.Wrote()
		}
	})
	viewers := w.viewers()
	for range 60 {
		snap := access.Look(w.pool, viewers[w.r.IntN(len(viewers))])
		w.compare(snap, w.names[w.r.IntN(2)], w.typed())
		if w.r.IntN(4) == 0 {
			time.Sleep(30 * time.Millisecond)
		}
		w.compare(snap, w.names[w.r.IntN(2)], w.typed())
		snap.Close(context.Background())
	}
	stop()
	all.Wait()
	for i, n := range w.names {
		if answered, declined := n.Answered(); answered < 3*declined {
			t.Errorf("process %d answered %d searches from memory and left %d to SQL", i, answered, declined)
		}
	}
}

// Names tell what memory they take. Kinds for which there is not enough are found by SQL, beside those that are kept; the log says so.
func TestMemoryOfNamesIsToldAndBounded(t *testing.T) {
	t.Parallel()
	w := newTown(t, 1, 10)
	whole := w.names[0].Bytes()
	log := &strings.Builder{}
	half := NewNames(Options{Pool: w.pool, Log: slog.New(slog.NewTextHandler(log, nil)), Now: w.names[0].Now, Memory: whole / 2})
	if err := half.Tend(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := half.Bytes(); n == 0 || n > whole/2 || !strings.Contains(log.String(), fmt.Sprint("bytes=", n)) || !strings.Contains(log.String(), "GUANXI_SEARCH_MEMORY") {
		t.Errorf("names take %d of %d bytes; the log says %s", n, whole/2, log)
	}
	exact := func(hits []string) []string {
		return slices.DeleteFunc(hits, func(hit string) bool { return strings.HasPrefix(hit, string(BySimilarName)) })
	}
	for _, v := range w.viewers() {
		snap := access.Look(w.pool, v)
		for _, text := range []string{"华", "有限", "a", "shang", "1380", "张 有限", "acme"} {
			if got, want := exact(w.all(snap, half, text, 3, nil)), w.all(snap, nil, text, 100, nil); !slices.Equal(got, want) {
				t.Errorf("%q with half the memory finds %q, SQL %q", text, got, want)
			}
		}
		snap.Close(context.Background())
	}
	for range 300 {
		w.exec("insert into competitors (id, name, search_text, created_at, updated_at) values ($1, $1::uuid::text, repeat('x', 2000), now(), now())", models.NewID(models.CompetitorCode))
	}
	for range 3 {
		if err := half.Tend(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := half.Bytes(); n > whole/2 {
		t.Errorf("when there is more, names take %d of %d bytes", n, whole/2)
	}
	half.Memory = 1 // less than what is kept beside the names
	w.exec("update competitors set note = 'x'")
	if err := half.Tend(t.Context()); err != nil || half.Bytes() != 0 {
		t.Errorf("when there is room for nothing, names take %d bytes: %v", half.Bytes(), err)
	}
	snap := access.Look(w.pool, w.viewers()[0])
	defer snap.Close(context.Background())
	if got, want := w.all(snap, half, "有限", 3, nil), w.all(snap, nil, "有限", 100, nil); !slices.Equal(got, want) {
		t.Errorf("without memory %q are found, by SQL %q", got, want)
	}
}

// Records that belong to a customer are found by whom the customer is handed to, or shared with, from then on, and no longer when
// the ties are cut: also before memory was told.
func TestWhatFollowsACustomerIsFoundWithIt(t *testing.T) {
	t.Parallel()
	w := newTown(t, 2, 4)
	seller := naive.ID(models.UserCode, w.seller)
	one, other := models.NewID(models.CustomerCode), models.NewID(models.CustomerCode)
	contact, sale := models.NewID(models.ContactCode), models.NewID(models.OpportunityCode)
	terms, text := Name("量子")
	insert := func(kind *access.Kind, id uuid.UUID, columns, values string, args ...any) {
		w.Helper()
		w.exec("insert into "+kind.Table+" (id, search_terms, search_text, created_at, updated_at, "+columns+") values ($1, $2, $3, now(), now(), "+values+")", append([]any{id, terms, text}, args...)...)
	}
	insert(access.Customer, one, "name, kind, lifecycle", "'x', 'PERSON', 'LEAD'")
	insert(access.Customer, other, "name, kind, lifecycle", "'x', 'PERSON', 'LEAD'")
	insert(access.Contact, contact, "name", "'x'")
	insert(access.Opportunity, sale, "title, customer_id, pipeline_id, stage_id, status", "'x', $4, $5, $6, 'OPEN'", other, naive.ID(models.PipelineCode, 0), naive.ID(models.StageCode, 0))
	insert(access.Service, models.NewID(models.ServiceCode), "title, opportunity_id, kind, status, priority, opened_at", "'x', $4, 'REPAIR', 'OPEN', 'NORMAL', now()", sale)
	insert(access.Document, models.NewID(models.DocumentCode), "name, customer_id, media_type, size, uploaded_at, storage_key, sha256", "'x', $4, 'text/plain', 1, now(), 'k', ''", one)
	insert(access.Activity, models.NewID(models.ActivityCode), "summary, opportunity_id, kind, happened_at", "'x', $4, 'NOTE', now()", sale)
	for _, names := range w.names {
		if err := names.Tend(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for i, step := range []struct {
		does string
		args []any
		want string
	}{
		{"update customers set owner_id = $2 where id = $1", []any{one, seller}, "CUSTOMER DOCUMENT"},
		{"update opportunities set customer_id = $2 where id = $1", []any{sale, one}, "ACTIVITY CUSTOMER DOCUMENT OPPORTUNITY SERVICE"},
		{"insert into relationships (id, type_id, a_id, b_id, created_at, updated_at) values ($1, $2, $3, $4, now(), now())",
			[]any{models.NewID(models.RelationshipCode), models.WorksAtID, contact, one}, "ACTIVITY CONTACT CUSTOMER DOCUMENT OPPORTUNITY SERVICE"},
		{"update opportunities set customer_id = $2 where id = $1", []any{sale, other}, "CONTACT CUSTOMER DOCUMENT"},
		{"update opportunities set customer_id = $2 where id = $1", []any{sale, one}, "ACTIVITY CONTACT CUSTOMER DOCUMENT OPPORTUNITY SERVICE"},
		{"update relationships set valid_until = '2026-03-01' where a_id = $1", []any{contact}, "ACTIVITY CUSTOMER DOCUMENT OPPORTUNITY SERVICE"},
		{"update relationships set valid_until = '2026-03-09' where a_id = $1", []any{contact}, "ACTIVITY CONTACT CUSTOMER DOCUMENT OPPORTUNITY SERVICE"},
		{"update customers set owner_id = null where id = $1", []any{one}, ""},
		{"insert into shares (id, record_id, subject_id, level, created_at, updated_at) values ($1, $2, $3, 'OBSERVE', now(), now())",
			[]any{models.NewID(models.ShareCode), one, seller}, "ACTIVITY CONTACT CUSTOMER DOCUMENT OPPORTUNITY SERVICE"},
		{"update shares set kinds = '{OPPORTUNITY}' where record_id = $1", []any{one}, "CUSTOMER OPPORTUNITY"},
		{"update customers set deleted_at = now(), deletion_id = id where id = $1", []any{one}, ""},
	} {
		w.exec(step.does, step.args...)
		v, err := access.Load(t.Context(), w.pool, seller, w.now)
		if err != nil {
			t.Fatal(err)
		}
		for n, names := range w.names {
			if n == i%2 {
				if err := names.Tend(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			snap := access.Look(w.pool, v)
			var found []string
			for _, hit := range w.all(snap, names, "量子", 100, nil) {
				kind, _ := access.Coded(models.KindOf(uuid.MustParse(strings.Fields(hit)[1])))
				found = append(found, kind.Name)
			}
			snap.Close(t.Context())
			if slices.Sort(found); strings.Join(found, " ") != step.want {
				t.Errorf("after step %d, process %d finds %v, want %s", i+1, n, found, step.want)
			}
		}
	}
}

// TestAPanicInOneKindIsRaisedWhereItIsWaitedFor looks through very many names that are not whole: the panic of a kind that is looked
// through beside another would end the server.
func TestAPanicInOneKindIsRaisedWhereItIsWaitedFor(t *testing.T) {
	t.Parallel()
	defer func() {
		if met, is := recover().(*access.Panic); !is || len(met.Stack) == 0 {
			t.Errorf("raised is %v", met)
		}
	}()
	many := &looker{part: part{segment: &segment{ids: make([]uuid.UUID, usually.rows)}}}
	(&hunt{lookers: []kindLooker{{parts: []*looker{many}}}}).ofRank(1)
}

// What people leave out of a company's name, such as 市, or write too much or otherwise, does not hide it.
func TestAChineseNameIsFoundWithOneError(t *testing.T) {
	t.Parallel()
	const name = "惠州市美桥连锁超市有限公司"
	for typed, found := range map[string]bool{
		"惠州美桥": true, "州美桥": true, "惠州美桥连锁超市": true, "惠州市区美桥": true, "惠州市美乔连锁": true, "惠洲市美": true, "区州市美桥": true, "惠州市美桥连锁超市有限公司司": true,
		"惠州盛桥连": false, "惠州美源连": false, "惠州市区美乔": false, "惠桥": false, "深圳市美桥": false, "惠州a美桥": false,
	} {
		pieces := nearPieces([]string{typed})
		if got := len(pieces) == 1 && pieces[0].otherwiseIn([]byte(name)); got != found {
			t.Errorf("%s finds %s: %t", typed, name, got)
		}
		if model := utf8.RuneCountInString(typed) >= 3 && differs(name, typed); model != found {
			t.Errorf("the model finds %s by %s: %t", name, typed, model)
		}
	}
}
