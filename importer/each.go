package importer

import (
	"encoding/csv"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"

	"guanxi/fault"
)

// Size is how many bytes Each will read in all: a file counts once for each kind of record it holds.
func (s *Source) Size() int64 {
	total := int64(0)
	for _, file := range s.files {
		total += file.size * int64(len(file.mapping.records))
	}
	return total
}

// Read is how many bytes of Size the running or last Each has read.
func (s *Source) Read() int64 { return s.read }

// Each reads all rows in the order of the mapping: file by file, and within a file all records of its first entry,
// then all of the next. Each bad row goes to report, every problem of it, and is not taken; the others go on. The
// error is that of take, or of reading a file.
func (s *Source) Each(take func(Row) error, report func(Problem)) error {
	s.read, s.counted = 0, Result{}
	keys := map[string]seenKey{}
	for i := range s.files {
		lent, err := s.lentTo(&s.files[i], report)
		if err != nil {
			return err
		}
		for pass := range s.files[i].mapping.records {
			run := reading{source: s, file: &s.files[i], pass: pass, lent: lent, keys: keys, take: take, report: report}
			if err := run.all(); err != nil {
				return err
			}
		}
	}
	return nil
}

// seenKey is where a key stood first; for records that repeat, what the line said; for numbered ones, how many there were.
type seenKey struct {
	file  string
	line  int
	reads string
	count int
}

// reading is one pass over one file for one kind of record.
type reading struct {
	source *Source
	file   *openFile
	pass   int
	lent   []lender
	keys   map[string]seenKey
	take   func(Row) error
	report func(Problem)
}

// counting counts the bytes read.
type counting struct {
	from io.Reader
	read *int64
}

func (c counting) Read(into []byte) (int, error) {
	n, err := c.from.Read(into)
	*c.read += int64(n)
	return n, err
}

func (r *reading) all() error {
	handle, err := os.Open(r.file.path)
	if err != nil {
		return err
	}
	defer handle.Close()
	reader := r.file.reader(counting{handle, &r.source.read})
	if _, err := reader.Read(); err != nil {
		return err
	}
	for {
		cells, err := reader.Read()
		var broken *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &broken):
			r.structure(broken.StartLine, "", fault.Say("the row cannot be read: %v in line %d, character %d", "无法读取该行：%v（第 %d 行第 %d 个字符）", broken.Err, broken.Line, broken.Column))
			continue
		case err != nil:
			return err
		}
		if err := r.row(cells, reader); err != nil {
			return err
		}
	}
}

// counts are those of the kind that is being read.
func (r *reading) counts() *KindResult {
	return r.source.counted.kind(r.file.mapping.records[r.pass].kind)
}

// structure reports what is wrong with a line itself, once for all passes.
func (r *reading) structure(number int, value string, sentence fault.Sentence) {
	counts := r.counts()
	counts.Read, counts.LeftOut = counts.Read+1, counts.LeftOut+1
	if r.pass == 0 {
		r.report(Problem{File: r.file.path, Line: number, Value: value, Sentence: sentence})
	}
}

// row checks the line itself and makes its record.
func (r *reading) row(cells []string, reader *csv.Reader) error {
	number, _ := reader.FieldPos(0)
	l := line{file: r.file, number: number, cells: make([]string, len(cells)), zone: r.source.zone}
	blank := true
	for i, cell := range cells {
		if strings.ContainsRune(cell, 0) {
			r.structure(number, cell, fault.Say("the row contains a NUL character", "该行包含空字符（NUL）"))
			return nil
		}
		l.cells[i] = strings.TrimSpace(cell)
		blank = blank && l.cells[i] == ""
	}
	if blank {
		return nil
	}
	if len(cells) != len(r.file.header) {
		r.structure(number, "", fault.Say("the row has %d cells, the header has %d", "该行有 %d 个单元格，表头有 %d 个", len(cells), len(r.file.header)))
		return nil
	}
	for _, lender := range r.lent {
		lender.fill(&l)
	}
	return r.record(l, r.file.mapping.records[r.pass])
}

// record makes the record of a line, if the mapping wants one of this line, and hands it over or reports why not.
func (r *reading) record(l line, mapping recordMapping) error {
	counts := r.counts()
	if !mapping.where.all(l.text) || mapping.unless.given(l.text) {
		counts.PassedOver++
		return nil
	}
	counts.Read++
	row := Row{File: r.file.path, Line: l.number, Kind: mapping.kind, Fields: map[string]Value{}, columns: mapping.origin, lenient: mapping.lenient}
	row.Key = l.key(mapping)
	for _, field := range mapping.fields {
		row.Fields[field.name] = l.field(field)
	}
	fresh := row.Key != "" && r.isNew(&l, &row, mapping)
	if l.problems.leaveOut() {
		counts.LeftOut++
	} else if !fresh {
		counts.Repeated++
	}
	for _, problem := range l.problems {
		problem.Kind = mapping.kind
		r.report(problem)
	}
	if !fresh || l.problems.leaveOut() {
		return nil
	}
	return r.take(row)
}

// isNew remembers the key of a row and notes a problem when another row has it already, unless the mapping says that
// the record repeats and it reads the same, or that such rows are numbered.
func (r *reading) isNew(l *line, row *Row, mapping recordMapping) bool {
	if mapping.repeated && l.problems.leaveOut() {
		return false
	}
	id := row.Kind + " " + row.Key
	reads := ""
	if mapping.repeated {
		reads = row.String()
	}
	first, seen := r.keys[id]
	if !seen {
		r.keys[id] = seenKey{row.File, row.Line, reads, 1}
		return true
	}
	at := strings.Join(mapping.key, ", ")
	switch {
	case mapping.numbered:
		first.count++
		r.keys[id] = first
		row.Key += "/" + strconv.Itoa(first.count)
		return true
	case !mapping.repeated:
		l.wrong(at, row.Key, fault.Say("lines %d (of %s) and %d are the same %s %q", "第 %d 行（%s）与第 %d 行是同一个 %s %q", first.line, first.file, l.number, row.Kind, row.Key))
	case first.reads != reads:
		l.wrong(at, row.Key, fault.Say("lines %d (of %s) and %d say different things of the %s %q", "第 %d 行（%s）与第 %d 行对 %s %q 的说法不同", first.line, first.file, l.number, row.Kind, row.Key))
	}
	return false
}
