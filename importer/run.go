package importer

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/store"
)

// Options of an import.
type Options struct {
	DryRun   bool                    // tell what would happen and write nothing
	Progress func(done, total int64) // in bytes of the files; may be nil

	// Rehearse, if not nil, carries out a dry run in a transaction of its own that it takes back.
	Rehearse func(do func(*store.Tx) error) error
}

// rowsAtOnce is how many rows are written in one transaction, with their keys: an import that is killed has written
// whole pieces, and running it again goes on from there.
const rowsAtOnce = 500

// Run writes the records of a source. Each field is held against what the last import brought: what the source has not
// changed stays as it is, what people have changed since stays too and is told, the rest is written. A bad row is told
// and left out. Nothing is deleted. The viewer needs the permission IMPORT and those for the kinds in the source. With
// an error the result tells what had been written before.
func Run(ctx context.Context, st *store.Store, viewer *access.Viewer, source *Source, options Options) (*Result, error) {
	if err := mayImport(viewer, source); err != nil {
		return nil, err
	}
	if source.mapping.Zone == nil {
		source.zone = viewer.Zone()
	}
	r := &run{source: source, viewer: viewer, progress: options.Progress}
	r.result = Result{DryRun: options.DryRun, Skipped: source.Skipped, Missing: source.Missing}
	err := r.through(ctx, st, options)
	r.result.settle()
	return &r.result, err
}

// run is one import under way.
type run struct {
	source   *Source
	viewer   *access.Viewer
	progress func(done, total int64)
	write    func(func(*store.Tx) error) error // does something in a transaction
	block    []Row                             // rows of one kind that wait to be written
	result   Result
}

// through writes everything piece by piece, or for a rehearsal everything in one transaction that is taken back.
func (r *run) through(ctx context.Context, st *store.Store, options Options) error {
	if options.DryRun {
		rehearse := options.Rehearse
		if rehearse == nil {
			rehearse = func(do func(*store.Tx) error) error { return st.Rehearse(ctx, r.viewer, do) }
		}
		return rehearse(func(tx *store.Tx) error {
			r.result = Result{DryRun: true, Skipped: r.source.Skipped, Missing: r.source.Missing} // a rehearsal may begin anew
			r.write = func(do func(*store.Tx) error) error { return do(tx) }
			return r.all()
		})
	}
	r.write = func(do func(*store.Tx) error) error {
		_, err := st.Write(ctx, r.viewer, store.Request{Operation: "import"}, func(tx *store.Tx) (uuid.UUID, error) { return uuid.Nil, do(tx) })
		return err
	}
	return r.all()
}

func (r *run) all() error {
	if err := r.pipelines(); err != nil {
		return err
	}
	err := r.source.Each(r.take, func(p Problem) { r.result.Problems = append(r.result.Problems, p) })
	if err != nil {
		return err
	}
	if err := r.flush(); err != nil {
		return err
	}
	r.result.add(&r.source.counted)
	return nil
}

// take collects rows of one kind.
func (r *run) take(row Row) error {
	if len(r.block) > 0 && (row.Kind != r.block[0].Kind || len(r.block) >= rowsAtOnce && !oneByOne[row.Kind]) {
		if err := r.flush(); err != nil {
			return err
		}
	}
	r.block = append(r.block, row)
	return nil
}

// flush writes the collected rows in one transaction.
func (r *run) flush() error {
	rows := r.block
	r.block = nil
	if len(rows) == 0 {
		return nil
	}
	var done Result
	err := r.write(func(tx *store.Tx) error {
		done = Result{}
		if err := tx.Lock("import"); err != nil {
			return err
		}
		if oneByOne[rows[0].Kind] {
			return r.oneByOne(tx, rows, &done)
		}
		return r.rows(tx, rows, &done)
	})
	if err != nil {
		return err
	}
	r.result.add(&done)
	if r.progress != nil {
		r.progress(r.source.Read(), r.source.Size())
	}
	return nil
}

// oneByOne are the kinds of which one row may depend on another: departments below each other, of a user's memberships the one
// that is primary. They are held together, and parents come before their children.
var oneByOne = map[string]bool{"department": true, "membership": true}

func (r *run) oneByOne(tx *store.Tx, rows []Row, done *Result) error {
	if err := tx.Lock("departments"); err != nil {
		return err
	}
	if rows[0].Kind == "department" {
		rows = parentsFirst(rows)
	}
	for _, row := range rows {
		if err := r.rows(tx, []Row{row}, done); err != nil {
			return err
		}
	}
	return nil
}

// rows writes rows of one kind together; when the database refuses them, one by one, to find the bad one.
func (r *run) rows(tx *store.Tx, rows []Row, done *Result) error {
	piece, err := r.attempt(tx, rows)
	refused, failed := fault.Refusals(err)
	switch {
	case failed != nil || fault.Is(err, fault.Conflict):
		return err
	case err == nil:
		done.add(piece)
		return nil
	case len(rows) == 1:
		for _, f := range refused {
			done.Problems = append(done.Problems, problemOf(rows[0], f))
		}
		done.kind(rows[0].Kind).LeftOut++
		return nil
	}
	for _, row := range rows {
		if err := r.rows(tx, []Row{row}, done); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) attempt(tx *store.Tx, rows []Row) (*Result, error) {
	var piece *Result
	err := tx.Attempt(func(tx *store.Tx) error {
		c := newChunk(tx, r.source, rows)
		piece = &c.result
		return c.write()
	})
	return piece, err
}

// mayImport holds the viewer's permissions and field rights against everything that the source would write.
func mayImport(v *access.Viewer, source *Source) error {
	if err := v.Need(access.Import); err != nil {
		return err
	}
	for _, file := range source.files {
		for _, record := range file.mapping.records {
			if err := mayWrite(v, record); err != nil {
				return err
			}
		}
	}
	return nil
}

// mayWrite also counts what comes with a record: its owner, its affiliation, what is made in passing.
func mayWrite(v *access.Viewer, record recordMapping) error {
	kind := makerOf(record.kind).kind
	needed := []access.Permission{access.To(access.Create, kind), access.To(access.Update, kind)}
	for _, field := range record.fields {
		at := columnOf(record.kind, field.name)
		if err := v.Use(kind.ToWrite(at), field.name); err != nil {
			return err
		}
		switch {
		case field.name == "owner":
			needed = append(needed, access.To(access.Transfer, kind))
		case record.kind == "contact" && field.name == "customer":
			needed = append(needed, access.To(access.Create, access.Relationship), access.To(access.Update, access.Relationship))
		case record.kind == "user" && field.name == "role":
			needed = append(needed, access.AccessAdmin)
		case field.create && field.kind == "dictionaryEntry":
			needed = append(needed, access.DictionaryAdmin)
		case field.create:
			needed = append(needed, access.CatalogAdmin)
		}
	}
	for _, permission := range slices.Compact(needed) {
		if err := v.Need(permission); err != nil {
			return err
		}
	}
	return nil
}

// problemOf tells a refusal of the store as a problem of a row.
func problemOf(row Row, f *fault.Fault) Problem {
	field := ""
	if len(f.Field) > 0 {
		field = f.Field[len(f.Field)-1]
	}
	sentence := f.Sentence
	if known, ok := broken[fault.Constraint(f)]; ok {
		field, sentence = known.field, known.sentence
	}
	if field == "" {
		return Problem{File: row.File, Line: row.Line, Kind: row.Kind, Sentence: sentence}
	}
	return row.problem(field, sentence)
}

// broken tells constraints of the database in words.
var broken = map[string]struct {
	field    string
	sentence fault.Sentence
}{
	"users_login_key":              {"login", fault.Say("another user has this login", "该登录名已被其他用户使用")},
	"products_name_key":            {"name", fault.Say("there is another product of this name", "已有同名产品")},
	"competitors_name_key":         {"name", fault.Say("there is another competitor of this name", "已有同名竞争对手")},
	"dictionary_entries_label_key": {"label", fault.Say("the dictionary has this label already", "字典中已有该条目")},
	"relationships_live_key":       {"b", fault.Say("the two already stand in this relationship", "双方已存在该关系")},
}

// problem makes a problem of one of the row's fields.
func (r Row) problem(field string, sentence fault.Sentence) Problem {
	value := r.Fields[field]
	text := value.String()
	if value.Type == Reference {
		text = value.Ref.Key
	}
	return Problem{File: r.File, Line: r.Line, Kind: r.Kind, Column: r.column(field), Value: text, Sentence: sentence}
}
