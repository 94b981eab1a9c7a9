package sandbox

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"guanxi/models"
	"guanxi/store"
)

// lookups say how the words of the users' requests are found in a sample company: each finds one id.
var lookups = map[string]string{
	"$newDirector":           "select id from users where login = 'new.director'",
	"$southChinaDirector":    "select id from users where login = 'director'",
	"$xiaowang":              "select id from users where login = 'xiaowang'",
	"$guangdongSalesperson":  "select id from users where login = 'guangdong.sales'",
	"$introducer":            "select id from users where login = '" + introducer + "'",
	"$guangdong":             "select id from departments where name = '广东分公司'",
	"$guangxi":               "select id from departments where name = '广西分公司'",
	"$anyGroup":              "select id from groups where dissolved_at is null order by id limit 1",
	"$salesRole":             "select id from roles where code = 'sales'",
	"$customerSources":       "select id from dictionaries where code = 'source'",
	"$busyCustomer":          "select id from customers where name = '" + busiest + "' order by id limit 1",
	"$target":                "select id from customers where name = '" + target + "' order by id limit 1",
	"$anyCompetitor":         "select id from competitors where active order by id limit 1",
	"$anyLossReason":         "select e.id from dictionary_entries e join dictionaries d on d.id = e.dictionary_id where d.code = 'loss_reason' order by e.position limit 1",
	"$openOpportunity":       "select id from opportunities where status = 'OPEN' and deleted_at is null order by id limit 1",
	"$secondOpenOpportunity": "select id from opportunities where status = 'OPEN' and deleted_at is null order by id offset 1 limit 1",
	"$guangdongCustomer": `select c.id from customers c join users u on u.id = c.owner_id and u.login <> 'guangdong.sales'
		join memberships m on m.user_id = u.id and m.is_primary join departments d on d.id = m.department_id
		join departments g on g.name = '广东分公司' and g.id = any(d.path)
		where c.deleted_at is null order by c.id limit 1`,
}

// Words gives the values of the $words in the users' requests: ids looked up in the sample company, and dates and periods
// relative to the instant that its history ends at. $itsVersion is not among them: it depends on the record named beside
// it, see Variables.
func Words(ctx context.Context, st *store.Store) (map[string]any, error) {
	words := map[string]any{}
	for word, text := range lookups {
		var id uuid.UUID
		if err := st.DB.NewRaw(text).Scan(ctx, &id); err != nil {
			return nil, fmt.Errorf("look up %s in the sample company: %w", word, err)
		}
		words[word] = id.String()
	}
	var end time.Time
	if err := st.DB.NewRaw("select updated_at from company where sample").Scan(ctx, &end); err != nil {
		return nil, fmt.Errorf("look up when the sample company's history ends: %w", err)
	}
	addTimes(words, end.In(china))
	words["$initialsOfBusyCustomer"] = initials(busiest, 6)
	return words, nil
}

// addTimes adds the last whole calendar year, the last six whole months, and the end itself.
func addTimes(words map[string]any, end time.Time) {
	period := func(from, until time.Time) map[string]any {
		return map[string]any{"from": string(models.DateOf(from)), "until": string(models.DateOf(until))}
	}
	year := time.Date(end.Year(), 1, 1, 0, 0, 0, 0, china)
	month := time.Date(end.Year(), end.Month(), 1, 0, 0, 0, 0, china)
	words["$lastYear"] = period(year.AddDate(-1, 0, 0), year)
	words["$lastHalfYear"] = period(month.AddDate(0, -6, 0), month)
	words["$today"] = string(models.DateOf(end))
	words["$now"] = end.UTC().Format(time.RFC3339)
}

// initials are the first letters of the first characters of a Chinese name.
func initials(name string, characters int) string {
	var text strings.Builder
	for _, r := range []rune(name)[:characters] {
		text.WriteString(reading(r)[:1])
	}
	return text.String()
}

// Variables reads a file of variables, an object per request, and puts the values of the sample company in the place of
// its $words. $itsVersion becomes the version of the customer or opportunity named beside it.
func Variables(ctx context.Context, st *store.Store, file []byte) (map[string]map[string]any, error) {
	var all map[string]map[string]any
	if err := json.Unmarshal(file, &all); err != nil {
		return nil, fmt.Errorf("read variables: %w", err)
	}
	words, err := Words(ctx, st)
	if err != nil {
		return nil, err
	}
	for request, variables := range all {
		if err := putIn(ctx, st, words, variables); err != nil {
			return nil, fmt.Errorf("variables of %s: %w", request, err)
		}
	}
	return all, nil
}

func putIn(ctx context.Context, st *store.Store, words, variables map[string]any) error {
	versioned := ""
	for name, value := range variables {
		word, ok := value.(string)
		switch {
		case !ok || !strings.HasPrefix(word, "$"):
		case word == "$itsVersion":
			versioned = name
		case words[word] == nil:
			return fmt.Errorf("nothing is known by the word %s", word)
		default:
			variables[name] = words[word]
		}
	}
	if versioned == "" {
		return nil
	}
	version, err := versionBeside(ctx, st, variables)
	variables[versioned] = version
	return err
}

// versionBeside looks up the version of the one customer or opportunity among the values.
func versionBeside(ctx context.Context, st *store.Store, variables map[string]any) (version int, err error) {
	tables := map[models.KindCode]string{models.CustomerCode: "customers", models.OpportunityCode: "opportunities"}
	for _, value := range variables {
		text, _ := value.(string)
		id, wrong := uuid.Parse(text)
		if table := tables[models.KindOf(id)]; wrong == nil && table != "" {
			err = st.DB.NewRaw("select version from "+table+" where id = ?", id).Scan(ctx, &version)
			return version, err
		}
	}
	return 0, fmt.Errorf("no customer or opportunity stands beside $itsVersion")
}
