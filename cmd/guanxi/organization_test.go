package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"guanxi/access"
)

const (
	organizationMapping = "../../docs/examples/organization.yaml"
	organizationFolder  = "../../docs/examples/organization"
)

// sight lists what every user sees, by login and kind.
func sight(t *testing.T, pool *pgxpool.Pool, now time.Time) map[string]map[string][]uuid.UUID {
	t.Helper()
	logins := map[string]uuid.UUID{}
	rows, err := pool.Query(t.Context(), "select login, id from users")
	if err != nil {
		t.Fatal(err)
	}
	var login string
	var id uuid.UUID
	if _, err := pgx.ForEachRow(rows, []any{&login, &id}, func() error { logins[login] = id; return nil }); err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string][]uuid.UUID{}
	for login, id := range logins {
		v, err := access.Load(t.Context(), pool, id, now)
		if err != nil {
			t.Fatal(err)
		}
		all[login] = map[string][]uuid.UUID{}
		for _, kind := range access.Kinds {
			if kind.Guard != access.Business {
				continue
			}
			q := v.Query()
			text := q.Text("select r.id from " + q.Visible(kind, "r"))
			rows, err := pool.Query(t.Context(), text, q.Args()...)
			if err != nil {
				t.Fatal(err)
			}
			if all[login][kind.Name], err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID]); err != nil {
				t.Fatal(err)
			}
		}
	}
	return all
}

func without(ids, others []uuid.UUID) (n int) {
	have := map[uuid.UUID]bool{}
	for _, id := range others {
		have[id] = true
	}
	for _, id := range ids {
		if !have[id] {
			n++
		}
	}
	return n
}

// effects tells what became visible and what no longer is, as a dry run does.
func effects(before, after map[string]map[string][]uuid.UUID) (lines []string) {
	for login, kinds := range after {
		for kind, ids := range kinds {
			if n := without(ids, before[login][kind]); n > 0 {
				lines = append(lines, fmt.Sprintf("%s would newly see %d records of kind %s", login, n, kind))
			}
			if n := without(before[login][kind], ids); n > 0 {
				lines = append(lines, fmt.Sprintf("%s would no longer see %d records of kind %s", login, n, kind))
			}
		}
	}
	slices.Sort(lines)
	return lines
}

func TestTheOrganizationInBulkDoesWhatItsDryRunSays(t *testing.T) {
	t.Parallel()
	k := newKeyboard(t)
	k.good("sandbox", "--size", "1000")
	pool, err := pgxpool.New(t.Context(), k.environment["GUANXI_DATABASE_URL"])
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	now := time.Now()
	before := sight(t, pool, now)

	status, _, said := k.call("import", "--dry-run", "--mapping", organizationMapping, organizationFolder)
	if status != done {
		t.Fatal(said)
	}
	var told []string
	for line := range strings.SplitSeq(said, "\n") {
		if strings.Contains(line, " would ") {
			told = append(told, line)
		}
	}
	slices.Sort(told)
	if still := effects(before, sight(t, pool, now)); len(still) > 0 {
		t.Fatalf("the dry run did %v", still)
	}
	k.good("import", "--mapping", organizationMapping, organizationFolder)
	if did := effects(before, sight(t, pool, now)); !slices.Equal(did, told) || len(did) < 3 {
		t.Errorf("the dry run said\n%s\nand the import did\n%s", strings.Join(told, "\n"), strings.Join(did, "\n"))
	}
	facts := map[string]string{
		"one head of Guangdong": "select string_agg(phone, ' ') from users where lower(login) = 'guangdong.head'",
		"no second Guangdong":   "select count(*)::text from departments where name in ('广东分公司', '东莞销售组')",
		"one primary each":      "select string_agg(d.name, ' ' order by d.name) from memberships m join users u on u.id = m.user_id join departments d on d.id = m.department_id where u.login = 'su.ting' and m.is_primary",
		"roles":                 "select string_agg(r.code, ' ' order by r.code) from user_roles x join users u on u.id = x.user_id join roles r on r.id = x.role_id where u.login in ('su.ting', 'qiu.wei')",
		"the last grant":        "select array_to_string(kinds, ' ') || ' ' || level || ' ' || effect from grants g join users u on u.id = g.grantee_user_id where u.login = 'qiu.wei'",
	}
	for name, want := range map[string]string{"one head of Guangdong": "13800000001", "no second Guangdong": "2", "one primary each": "东莞销售组",
		"roles": "sales sales_manager", "the last grant": "CUSTOMER OPPORTUNITY MANAGE ALLOW"} {
		var got string
		if err := pool.QueryRow(t.Context(), facts[name]).Scan(&got); err != nil || got != want {
			t.Errorf("%s: %q, want %q (%v)", name, got, want, err)
		}
	}
	_, _, again := k.call("import", "--mapping", organizationMapping, organizationFolder)
	if strings.Contains(strings.ReplaceAll(again, "      0", ""), "created,       1 updated") || !strings.Contains(again, "grant                  0 created,       0 updated,       3 unchanged") {
		t.Errorf("the same files did something again: %s", again)
	}
}

func TestBadRowsOfAnOrganizationAreToldByFileRowAndColumn(t *testing.T) {
	t.Parallel()
	k := newKeyboard(t)
	k.good("sandbox", "--size", "1000")
	folder := t.TempDir()
	for name, text := range map[string]string{
		"部门.csv": "编码,部门,上级部门\nX,西北区,总公司/没有\n",
		"员工.csv": "工号,姓名,登录名,邮箱,手机,主部门,职务,角色,在职\nE1,甲,jia,,,总公司,,皇帝,是\nE2,乙,yi,,,总公司,,sales,也许\n",
		"任职.csv": "工号,部门,主要,职务\nE9,总公司,是,\n",
		"授权.csv": "编号,被授权人,被授权角色,对象部门,含下级,对象员工,所有人,效果,级别,类型,起,止,说明\n" +
			"A1,,sales,总公司,是,,,允许,看看,,,,\nA2,,sales,,,,,允许,查看,,,,\nA3,,sales,,,,是,允许,查看,汽车,,,\n",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for language, wants := range map[string][]string{
		"en_US.UTF-8": {"部门.csv:2: column 上级部门: there is no department with the path", "员工.csv:2: column 角色: there is no role with the code", "员工.csv:3: column 在职:",
			"任职.csv:2: column 工号: no user with the key", "授权.csv:2: column 级别:", "授权.csv:3:", "授权.csv:4: column 类型:"},
		"zh_CN.UTF-8": {"部门.csv:2: 列 上级部门：没有", "员工.csv:2: 列 角色：没有", "员工.csv:3: 列 在职：", "任职.csv:2: 列 工号：", "授权.csv:2: 列 级别：", "授权.csv:3: ", "授权.csv:4: 列 类型："},
	} {
		k.environment["LANG"] = language
		table := filepath.Join(t.TempDir(), "problems.csv")
		status, _, said := k.call("import", "--dry-run", "--problems", table, "--mapping", organizationMapping, folder)
		if status != failed {
			t.Errorf("bad rows ended with %d", status)
		}
		if text, err := os.ReadFile(table); err != nil || !strings.Contains(string(text), "部门.csv,2,department,上级部门,") || strings.Count(string(text), "\n") < len(wants) {
			t.Errorf("the table of problems: %v\n%s", err, text)
		}
		for _, want := range wants {
			if !strings.Contains(said, want) {
				t.Errorf("%q is missing in\n%s", want, said)
			}
		}
	}
}
