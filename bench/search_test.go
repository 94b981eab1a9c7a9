package bench

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"guanxi/access"
	"guanxi/models"
	"guanxi/search"
	"guanxi/store"
)

// book is a company with very many customers, and those who look for them.
type book struct {
	*testing.B
	store *store.Store
	r     *rand.Rand
	names int
	users []uuid.UUID
}

var (
	cities   = strings.Fields("苏州 广州 深圳 上海 北京 杭州 成都 重庆 武汉 西安 南京 天津 青岛 大连 厦门 宁波 无锡 佛山 东莞 长沙")
	trades   = strings.Fields("电子 科技 机械 贸易 物流 医疗 建筑 食品 纺织 化工 能源 信息 自动化 环保 汽车")
	endings  = strings.Fields("有限公司 有限公司 有限公司 股份有限公司 集团 有限责任公司")
	letters  = []rune("启华伟明德兴盛泰恒远达通宏宇鑫源嘉瑞安康正大成利丰永昌隆信义和祥福海天龙凤金银玉石山川江河")
	opening  = strings.Fields("gran bel mar ven tor kel sun nor wes hal dor pet rich fer lan col stan mor ash brad")
	middles  = strings.Fields("de ti ra lo mi ne sa vo ke bu")
	closing  = strings.Fields("wick ton field ham ford berg son stein land ley worth mann ville dale gate")
	branches = strings.Fields("Medical Trading Logistics Systems Foods Energy Steel Textiles Partners Industries Motors Chemicals")
	forms    = strings.Fields("SA Ltd Inc GmbH LLC AG")
)

func (b *book) one(list []string) string { return list[b.r.IntN(len(list))] }

// name makes a name, 30 of 100 Chinese.
func (b *book) name() string {
	if b.r.IntN(100) < 30 {
		text := b.one(cities)
		for range 2 + b.r.IntN(2) {
			text += string(letters[b.r.IntN(len(letters))])
		}
		return text + b.one(trades) + b.one(endings)
	}
	word := b.one(opening) + b.one(middles) + b.one(closing)
	return strings.ToUpper(word[:1]) + word[1:] + " " + b.one(branches) + " " + b.one(forms)
}

// fill makes users, and customers of theirs.
func (b *book) fill() {
	ctx, now := b.Context(), time.Now()
	exec := func(text string, args ...any) {
		b.Helper()
		if _, err := b.store.Pool.Exec(ctx, text, args...); err != nil {
			b.Fatal(err)
		}
	}
	for i := range sellers {
		b.users = append(b.users, models.NewID(models.UserCode))
		exec("insert into users (id, login, name, created_at, updated_at) values ($1, $2, $2, now(), now())", b.users[i], fmt.Sprint("u", i))
	}
	var role uuid.UUID
	if err := b.store.Pool.QueryRow(ctx, "select id from roles where code = 'sales'").Scan(&role); err != nil {
		b.Fatal(err)
	}
	for _, user := range b.users[:3] {
		exec("insert into user_roles (user_id, role_id) values ($1, $2)", user, role)
	}
	grant := "insert into grants (id, grantee_user_id, everyone, subject_id, effect, level, created_at, updated_at) values ($1, $2, $3, $4, 'ALLOW', 'OBSERVE', now(), now())"
	exec(grant, models.NewID(models.GrantCode), b.users[0], true, nil)
	for i := range 210 {
		exec(grant, models.NewID(models.GrantCode), b.users[1], false, b.users[i+100])
	}
	var indexes []string
	rows, err := b.store.Pool.Query(ctx, "select indexdef from pg_indexes where tablename = 'customers' and indexname ~ '(terms|text)_idx'")
	if err == nil {
		indexes, err = pgx.CollectRows(rows, pgx.RowTo[string])
	}
	if err != nil {
		b.Fatal(err)
	}
	exec("drop index customers_search_terms_idx, customers_search_text_idx, customers_phone_terms_idx")
	columns := []string{"id", "name", "kind", "lifecycle", "owner_id", "phone", "search_terms", "search_text", "phone_terms", "created_at", "updated_at"}
	_, err = b.store.Pool.CopyFrom(ctx, pgx.Identifier{"customers"}, columns, pgx.CopyFromSlice(b.names, func(int) ([]any, error) {
		name, phone := b.name(), fmt.Sprintf("+8613%09d", b.r.IntN(1_000_000_000))
		terms, text := search.Name(name)
		return []any{models.NewID(models.CustomerCode), name, "ORGANIZATION", "LEAD", b.users[b.r.IntN(sellers)], phone, terms, text, search.Phones(phone), now, now}, nil
	}))
	if err != nil {
		b.Fatal(err)
	}
	for _, index := range indexes {
		exec(index)
	}
	exec("vacuum analyze")
}

// BenchmarkSearch prints how long searches among a million names take, or among GUANXI_BENCH of them, from memory and by SQL, for
// who sees all, for a manager of 210 owners and for one who sees his own.
func BenchmarkSearch(b *testing.B) {
	k := &book{B: b, store: ownStore(b), r: rand.New(rand.NewPCG(1, 2)), names: 1_000_000}
	if text := os.Getenv("GUANXI_BENCH"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1000 {
			b.Fatalf("GUANXI_BENCH is %q: write a number of names from 1,000", text)
		}
		k.names = n
	}
	began := time.Now()
	k.fill()
	fmt.Printf("%d customers filled in %v\n", k.names, time.Since(began).Round(time.Second))
	kept := search.NewNames(search.Options{Pool: k.store.Pool, Log: slog.New(slog.DiscardHandler), Now: k.store.Now})
	began = time.Now()
	if err := kept.Tend(b.Context()); err != nil {
		b.Fatal(err)
	}
	fmt.Printf("names loaded in %v, %d MiB, %d bytes a name\n", time.Since(began).Round(100*time.Millisecond), kept.Bytes()>>20, kept.Bytes()/k.names)
	fmt.Printf("%-24s", "typed")
	for _, who := range []string{"all", "manager", "rep"} {
		fmt.Printf("%10s hits   median    worst      SQL", who)
	}
	fmt.Println("  (ms)")
	for _, text := range []string{
		"苏州", "公司", "启华", "苏州启华", "华", "randew", "grandewick", "steel", "a", "zh", "qz", "suzhou", "qihuadianzi", "szqh", "5678", "13912345", "no such name",
		"grandewikc", "hosmtein", "suzhuoqihua", "苏州启化电子",
	} {
		fmt.Printf("%-24s", text)
		for _, who := range k.users[:3] {
			k.search(kept, who, text)
		}
		fmt.Println()
	}
	answered, declined := kept.Answered()
	fmt.Printf("%d searches were answered from memory, %d left to SQL\n", answered, declined)
}

// search prints how many hits a first page has, and how long it takes.
func (b *book) search(kept *search.Names, who uuid.UUID, text string) {
	v, err := access.Load(b.Context(), b.store.Pool, who, time.Now())
	if err != nil {
		b.Fatal(err)
	}
	once := func(names *search.Names) (int, time.Duration) {
		ctx, stop := context.WithTimeout(b.Context(), time.Minute)
		defer stop()
		snap := access.Look(b.store.Pool, v)
		defer snap.Close(ctx)
		began := time.Now()
		page, err := search.Find(ctx, snap, search.Ask{Text: text, First: 20, Names: names, Seal: func(plain []byte) string { return string(plain) }})
		if err != nil {
			b.Fatal(err)
		}
		return len(page.Hits), time.Since(began)
	}
	var took [2][]time.Duration
	hits := 0
	for i, names := range []*search.Names{kept, nil} {
		for range []int{21, 3}[i] {
			n, t := once(names)
			took[i] = append(took[i], t)
			if names != nil {
				hits = n
			}
		}
		slices.Sort(took[i])
	}
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	fmt.Printf("%15d%9.1f%9.1f%9.1f", hits, ms(took[0][10]), ms(took[0][20]), ms(took[1][1]))
}
