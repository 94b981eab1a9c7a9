package importer

import (
	"slices"

	"github.com/google/uuid"

	"guanxi/fault"
	"guanxi/models"
	"guanxi/store"
)

// dictionary is a dictionary with its entries by label and by code.
type dictionary struct {
	id      uuid.UUID
	byLabel map[string]uuid.UUID
	byCode  map[string]uuid.UUID
	last    int
}

// next is the place behind all entries.
func (d *dictionary) next() int { d.last++; return d.last }

func (d *dictionary) add(e *models.DictionaryEntry) {
	d.byLabel[e.Label] = e.ID
	if e.Code != nil {
		d.byCode[*e.Code] = e.ID
	}
	d.last = max(d.last, e.Position)
}

// dictionary reads a dictionary by its code; nil when there is none.
func (c *chunk) dictionary(code string) (*dictionary, error) {
	if known, ok := c.dictionaries[code]; ok {
		return known, nil
	}
	list, err := store.RowsBy[models.Dictionary](c.tx, "code", []string{code})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	d := &dictionary{id: list[0].ID, byLabel: map[string]uuid.UUID{}, byCode: map[string]uuid.UUID{}}
	entries, err := store.RowsBy[models.DictionaryEntry](c.tx, "dictionary_id", []uuid.UUID{d.id})
	for _, e := range entries {
		d.add(e)
	}
	c.dictionaries[code] = d
	return d, err
}

// dictionaryNamed is the dictionary that an imported entry says it is of.
func (c *chunk) dictionaryNamed(w *work, code string) (any, string, error) {
	d, err := c.dictionary(code)
	if err != nil || d == nil {
		w.wrong("dictionary", fault.Say("there is no dictionary with the code %q", "没有编码为“%s”的字典", code))
		return nil, "", err
	}
	return d.id, "", nil
}

// entry finds a dictionary's entry, or makes it. One that this source has made is known for good, whatever people call it
// now.
func (c *chunk) entry(w *work, field string, ref Ref) (uuid.UUID, error) {
	d, err := c.dictionary(ref.Dictionary)
	if err != nil {
		return uuid.Nil, err
	}
	if d == nil {
		w.missing(field, ref)
		return uuid.Nil, nil
	}
	if id, ok := d.byLabel[ref.Key]; ok && ref.By == "label" {
		return id, nil
	}
	if id, ok := d.byCode[ref.Key]; ok && ref.By == "code" {
		return id, nil
	}
	id, err := c.madeBefore(ref, ref.Dictionary+"/"+ref.Key)
	if err != nil || id != uuid.Nil {
		return id, err
	}
	if !ref.Create {
		w.missing(field, ref)
		return uuid.Nil, nil
	}
	made := &models.DictionaryEntry{DictionaryID: d.id, Label: ref.Key, Position: d.next(), Active: true}
	made.ID = models.NewID(models.DictionaryEntryCode)
	if ref.By == "code" {
		made.Code = &ref.Key
	}
	d.add(made)
	return made.ID, c.make(ref, ref.Dictionary+"/"+ref.Key, made, made.ID)
}

// madeBefore finds what an import of this source has made in passing, if it is still there.
func (c *chunk) madeBefore(ref Ref, key string) (uuid.UUID, error) {
	known, err := c.tx.ExternalKeys(c.source.Name, ref.Kind+" by "+ref.By, []string{key})
	if err != nil || known[key] == nil {
		return uuid.Nil, err
	}
	id := known[key].RecordID
	seen, err := c.tx.Seen(referred[ref.Kind], []uuid.UUID{id})
	if err != nil || !seen[id] {
		return uuid.Nil, err
	}
	return id, nil
}

// make writes a record in passing, with the key by which it is known for good; a former one of the key is gone.
func (c *chunk) make(ref Ref, key string, row any, id uuid.UUID) error {
	if refused, failed := fault.Refusals(store.Check(row)); failed != nil || len(refused) > 0 {
		return store.Check(row)
	}
	known, err := c.tx.ExternalKeys(c.source.Name, ref.Kind+" by "+ref.By, []string{key})
	if err != nil {
		return err
	}
	if gone := known[key]; gone != nil {
		if err := c.tx.DropAll(action, []any{gone}); err != nil {
			return err
		}
	}
	c.result.kind(ref.Kind).Made++
	return c.tx.AddAll(action, []any{row, c.newKey(ref.Kind+" by "+ref.By, key, id)})
}

// pipeline finds a pipeline by its name, or makes it.
func (c *chunk) pipeline(w *work, field string, ref Ref) (uuid.UUID, error) {
	if id, ok := c.pipelines[ref.Key]; ok {
		return id, nil
	}
	list, err := store.RowsBy[models.Pipeline](c.tx, "name", []string{ref.Key})
	if err != nil {
		return uuid.Nil, err
	}
	var id uuid.UUID
	if len(list) > 0 {
		id = list[0].ID
	} else if id, err = c.madeBefore(ref, ref.Key); err != nil {
		return uuid.Nil, err
	}
	if id == uuid.Nil && !ref.Create {
		w.missing(field, ref)
		return uuid.Nil, nil
	}
	if id == uuid.Nil {
		made := &models.Pipeline{Name: ref.Key}
		made.ID = models.NewID(models.PipelineCode)
		id, err = made.ID, c.make(ref, ref.Key, made, made.ID)
	}
	c.pipelines[ref.Key] = id
	return id, err
}

// stagesOf lists the stages of a pipeline in their order.
func (c *chunk) stagesOf(pipeline uuid.UUID) ([]*models.Stage, error) {
	if known, ok := c.stages[pipeline]; ok {
		return known, nil
	}
	list, err := store.RowsBy[models.Stage](c.tx, "pipeline_id", []uuid.UUID{pipeline})
	slices.SortFunc(list, func(a, b *models.Stage) int { return a.Position - b.Position })
	c.stages[pipeline] = list
	return list, err
}

// stage finds a stage of the row's pipeline by its name, or makes it.
func (c *chunk) stage(w *work, field string, ref Ref) (uuid.UUID, error) {
	pipeline := w.row.(*models.Opportunity).PipelineID
	if pipeline == uuid.Nil || len(w.problems) > 0 {
		return uuid.Nil, nil
	}
	stages, err := c.stagesOf(pipeline)
	if err != nil {
		return uuid.Nil, err
	}
	for _, stage := range stages {
		if stage.Name == ref.Key {
			return stage.ID, nil
		}
	}
	key := pipeline.String() + "/" + ref.Key
	id, err := c.madeBefore(ref, key)
	if err != nil || id != uuid.Nil {
		return id, err
	}
	if !ref.Create {
		w.missing(field, ref)
		return uuid.Nil, nil
	}
	return c.makeStage(pipeline, ref, 0)
}

// makeStage puts a stage behind those that the pipeline has.
func (c *chunk) makeStage(pipeline uuid.UUID, ref Ref, probability float64) (uuid.UUID, error) {
	stages, err := c.stagesOf(pipeline)
	if err != nil {
		return uuid.Nil, err
	}
	made := &models.Stage{PipelineID: pipeline, Name: ref.Key, Probability: probability, Position: 1}
	if len(stages) > 0 {
		made.Position = stages[len(stages)-1].Position + 1
	}
	made.ID = models.NewID(models.StageCode)
	c.stages[pipeline] = append(stages, made)
	return made.ID, c.make(ref, pipeline.String()+"/"+ref.Key, made, made.ID)
}

// pipelines makes the pipelines and stages that the mapping describes and the company has not, when the source holds
// opportunities. What is there already stays as people have it.
func (r *run) pipelines() error {
	if len(r.source.mapping.pipelines) == 0 || !r.source.holds("opportunity") {
		return nil
	}
	var done Result
	err := r.write(func(tx *store.Tx) error {
		if err := tx.Lock("import"); err != nil {
			return err
		}
		c := newChunk(tx, r.source, []Row{{Kind: "opportunity"}})
		for _, p := range r.source.mapping.pipelines {
			if err := c.describe(p); err != nil {
				return err
			}
		}
		done = c.result
		return nil
	})
	if err == nil {
		r.result.add(&done)
	}
	return err
}

func (c *chunk) describe(p pipelineMapping) error {
	id, err := c.pipeline(nil, "", Ref{Kind: "pipeline", By: "name", Key: p.name, Create: true})
	if err != nil {
		return err
	}
	stages, err := c.stagesOf(id)
	if err != nil {
		return err
	}
	for _, wanted := range p.stages {
		ref := Ref{Kind: "stage", By: "name", Key: wanted.name, Create: true}
		if slices.ContainsFunc(stages, func(s *models.Stage) bool { return s.Name == wanted.name }) {
			continue
		}
		made, err := c.madeBefore(ref, id.String()+"/"+wanted.name)
		if err == nil && made == uuid.Nil {
			_, err = c.makeStage(id, ref, wanted.probability)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// holds tells whether a file that was found has records of a kind.
func (s *Source) holds(kind string) bool {
	return slices.ContainsFunc(s.files, func(f openFile) bool {
		return slices.ContainsFunc(f.mapping.records, func(r recordMapping) bool { return r.kind == kind })
	})
}
