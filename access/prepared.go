package access

import (
	"fmt"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// prepared are the statements that a connection knows, by their text; those asked for longest ago are forgotten.
type prepared struct {
	known *simplelru.LRU[string, *pgconn.StatementDescription]
	made  int      // names given so far
	gone  []string // names that the database is to forget

	tracer pgx.QueryTracer // hears of each statement; nil for none
}

const preparedKept = 512

// preparedName is what a connection keeps its prepared statements under.
const preparedName = "guanxi"

// preparedOn gives what a connection knows.
func preparedOn(conn *pgx.Conn) *prepared {
	kept := conn.PgConn().CustomData()
	if p, ok := kept[preparedName].(*prepared); ok {
		return p
	}
	p := &prepared{tracer: conn.Config().Tracer}
	var err error
	p.known, err = simplelru.NewLRU(preparedKept, func(_ string, form *pgconn.StatementDescription) { p.gone = append(p.gone, form.Name) })
	if err != nil {
		panic(err) // the size is positive
	}
	kept[preparedName] = p
	return p
}

// drop tells the database which statements are forgotten, and how many answers that will have.
func (p *prepared) drop(pipe *pgconn.Pipeline) (answers int) {
	for _, name := range p.gone {
		pipe.SendDeallocate(name)
	}
	answers, p.gone = len(p.gone), nil
	return answers
}

// prepare gives each statement its prepared form. What the connection does not know is prepared first, which takes the
// database one answer apart, with those to what was sent before. An error comes with a statement that it is of.
func (p *prepared) prepare(pipe *pgconn.Pipeline, all []*statement, before *int) (*statement, error) {
	fresh := map[string]*pgconn.StatementDescription{}
	var order []*statement
	for _, one := range all {
		if form, ok := p.known.Get(one.text); ok {
			one.form = form
			continue
		}
		if one.form = fresh[one.text]; one.form == nil {
			p.made++
			one.form = &pgconn.StatementDescription{Name: fmt.Sprint("wave_", p.made), SQL: one.text}
			fresh[one.text] = one.form
			order = append(order, one)
			pipe.SendPrepare(one.form.Name, one.text, nil)
		}
	}
	if len(order) == 0 {
		return nil, nil
	}
	if err := pipe.Sync(); err != nil {
		return order[0], err
	}
	if err := pass(pipe, *before); err != nil {
		return order[0], err
	}
	*before = 0
	for _, one := range order {
		result, err := pipe.GetResults()
		if err != nil {
			return one, err
		}
		told := result.(*pgconn.StatementDescription)
		one.form.ParamOIDs, one.form.Fields = told.ParamOIDs, told.Fields
		p.known.Add(one.text, one.form)
	}
	return nil, pass(pipe, 1)
}

// forget makes the connection prepare a text anew when it is asked next.
func (p *prepared) forget(text string) { p.known.Remove(text) }
