package access

import (
	"encoding/binary"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"guanxi/models"
)

var update = flag.Bool("update", false, "write the golden files anew")

// numbered is the nth user.
func numbered(n uint32) uuid.UUID {
	id := uuid.UUID{6: 0x70, 8: 0x80, 15: byte(models.UserCode)}
	binary.BigEndian.PutUint32(id[:], n)
	return id
}

// reaching is a user who may read everything of those that his one grant reaches.
func reaching(everyone bool, people uint32) *Viewer {
	v := Nobody(time.Unix(0, 0))
	v.UserID = numbered(1)
	v.subjects, v.reach = []uuid.UUID{v.UserID}, []uuid.UUID{v.UserID}
	v.permissions, v.rights = map[Permission]bool{}, map[Rule]map[Relation]Right{}
	for _, p := range Permissions() {
		v.permissions[p] = true
	}
	for _, rule := range Rules {
		v.rights[rule] = map[Relation]Right{Own: Full, InScope: Full, Other: Full}
	}
	g := granted{Grant: models.Grant{Everyone: everyone, Effect: models.Allow, Level: models.Observe}}
	for n := range people {
		g.Reached = append(g.Reached, numbered(n+1))
	}
	v.given = []granted{g}
	return v.At(v.Now)
}

// TestPagesAsRendered holds the statement of each form of a list and of what reports gather, and how many people it takes to leave one for the other.
func TestPagesAsRendered(t *testing.T) {
	t.Parallel()
	for name, people := range map[string]uint32{"few": fewOwners, "many": fewOwners + 1, "all": 0} {
		for list, page := range map[string]Page{
			"opportunities": {Kind: Opportunity, Size: 51},
			"behind":        {Kind: Opportunity, Size: 51, Place: []*string{nil, new(string)}},
			"count":         {Kind: Opportunity},
			"gathered":      {Kind: Opportunity},
		} {
			q := reaching(people == 0, people).Query()
			text, err := q.Count(page, 10_000)
			if page.Size > 0 {
				if page.Keys, err = q.Order(page.Kind, "r", []models.Order{{Field: "CLOSED_AT", Direction: "DESC"}}); err == nil {
					text, err = q.Page(page)
				}
			}
			if list == "gathered" {
				text = "select * from " + q.Gathered(page.Kind, "o")
			}
			if err != nil {
				t.Fatal(err)
			}
			text = strings.ReplaceAll(q.Text(text), q.columns(page.Kind, page.Kind, "r", "r"), "every column")
			text = strings.NewReplacer(q.Shown(page.Kind, "r"), "r.*", " union all ", "\nunion all\n", " from ", "\n  from ", " where ", "\n  where ").Replace(text) + "\n"
			file := filepath.Join("testdata", "page_"+list+"_"+name+".sql")
			if *update {
				if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want, err := os.ReadFile(file); err != nil || string(want) != text {
				t.Errorf("%s is rendered otherwise (%v); look, and run with -update:\n%s", file, err, text)
			}
		}
	}
}
