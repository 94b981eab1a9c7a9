package importer

import (
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"guanxi/fault"
)

// Source is what a mapping found in the files given: checked, ready to be read as often as needed.
type Source struct {
	Name    string    // of the mapping's source
	Skipped []Skipped // what the mapping does not name
	Missing []string  // what the mapping names and no file matches

	mapping *Mapping

	zone  *time.Location // of times that name none
	files []openFile
	read  int64

	counted Result // the lines of the running or last Each that came to no row
}

// Skipped is a file that the mapping does not name or, with Columns, the columns of a file that it does not use.
type Skipped struct {
	File    string
	Columns []string
}

// openFile is a file with its mapping and header.
type openFile struct {
	path    string
	mapping fileMapping
	header  []string
	at      map[string]int // position of a column; borrowed ones stand behind the file's own
	size    int64

	borrowed int // how many columns
}

// Open finds the files of a mapping among paths (files, or folders whose files are taken) and checks what would
// spoil every row: encoding, separator, header. The error is Problems, all that were found, and nothing is read then;
// or that of reading.
func Open(mapping *Mapping, paths []string) (*Source, error) {
	source := &Source{Name: mapping.Source, mapping: mapping, zone: mapping.Zone}
	if source.zone == nil {
		source.zone = time.UTC // until Run knows the company's
	}
	found, err := list(paths)
	if err != nil {
		return nil, err
	}
	var problems Problems
	matched := map[string]bool{}
	for _, file := range mapping.files {
		for _, path := range found {
			if ok, _ := filepath.Match(file.match, filepath.Base(path)); !ok {
				continue
			}
			if matched[path] {
				problems = append(problems, Problem{File: path, Sentence: fault.Say("the mapping names this file twice", "映射两次指到该文件")})
				continue
			}
			matched[path] = true
			more, err := source.open(path, file)
			if err != nil {
				return nil, err
			}
			problems = append(problems, more...)
		}
	}
	problems = append(problems, source.lenders()...)
	source.note(mapping, found, matched)
	if len(matched) == 0 {
		problems = append(problems, Problem{File: mapping.Path, Sentence: fault.Say(
			"none of the files given is named in the mapping: %s", "映射中没有指到所给的任何文件：%s", strings.Join(found, ", "))})
	}
	if err := problems.orNil(); err != nil {
		return nil, err
	}
	return source, nil
}

// lenders tells which files are needed by others and not given.
func (s *Source) lenders() Problems {
	var problems Problems
	for _, file := range s.files {
		for _, with := range file.mapping.with {
			if !slices.ContainsFunc(s.files, func(other openFile) bool { return other.mapping.name == with.file }) {
				problems = append(problems, Problem{File: file.path, Sentence: fault.Say("%s is needed to read it", "读取该文件需要 %s", with.file)})
			}
		}
	}
	return problems
}

// list gives the files of paths, a folder's by name.
func list(paths []string) ([]string, error) {
	var found []string
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			found = append(found, path)
			continue
		}
		entries, err := os.ReadDir(path)
		if err != nil {
			return nil, err
		}
		for _, entry := range entries {
			found = append(found, filepath.Join(path, entry.Name()))
		}
	}
	slices.Sort(found)
	return slices.Compact(found), nil
}

// note lists what is left out.
func (s *Source) note(mapping *Mapping, found []string, matched map[string]bool) {
	for _, path := range found {
		if !matched[path] {
			s.Skipped = append(s.Skipped, Skipped{File: path})
		}
	}
	for _, file := range s.files {
		if unused := file.unused(); len(unused) > 0 {
			s.Skipped = append(s.Skipped, Skipped{File: file.path, Columns: unused})
		}
	}
	for _, file := range mapping.files {
		if !slices.ContainsFunc(s.files, func(f openFile) bool { return f.mapping.name == file.name }) {
			s.Missing = append(s.Missing, file.match)
		}
	}
}

// open checks one file and adds it.
func (s *Source) open(path string, mapping fileMapping) (Problems, error) {
	handle, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer handle.Close()
	bad, err := checkEncoding(handle, mapping.encoding)
	if err != nil {
		return nil, err
	}
	if bad != nil {
		bad.File = path
		return Problems{*bad}, nil
	}
	size, err := handle.Seek(0, io.SeekCurrent)
	if err != nil {
		return nil, err
	}
	if _, err := handle.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	file := openFile{path: path, mapping: mapping, size: size, at: map[string]int{}}
	header, err := file.reader(handle).Read()
	if err != nil {
		return Problems{{File: path, Line: 1, Sentence: headerSentence(err)}}, nil
	}
	problems := file.take(header)
	s.files = append(s.files, file)
	return problems, nil
}

func headerSentence(err error) fault.Sentence {
	if errors.Is(err, io.EOF) {
		return fault.Say("the file is empty", "文件为空")
	}
	return fault.Say("the header cannot be read: %v", "无法读取表头：%v", err)
}

func (f *openFile) reader(raw io.Reader) *csv.Reader {
	reader := csv.NewReader(decoded(raw, f.mapping.encoding))
	reader.Comma = f.mapping.separator
	reader.FieldsPerRecord = -1
	return reader
}

// take remembers the header and checks that it has the columns that the mapping needs, once each.
func (f *openFile) take(header []string) Problems {
	count := map[string]int{}
	for i, name := range header {
		name = strings.TrimSpace(name)
		f.header = append(f.header, name)
		f.at[name] = i
		count[name]++
	}
	for _, with := range f.mapping.with {
		for _, name := range sortedKeys(with.columns) {
			f.at[name] = len(header) + f.borrowed
			f.borrowed++
			count[name]++
		}
	}
	var problems Problems
	for _, name := range f.mapping.needs() {
		switch {
		case count[name] == 0:
			problems = append(problems, Problem{File: f.path, Line: 1, Column: name, Sentence: fault.Say(
				"the mapping names this column, the file has: %s", "映射中有此列，但文件只有：%s", strings.Join(f.header, ", "))})
		case count[name] > 1:
			problems = append(problems, Problem{File: f.path, Line: 1, Column: name, Sentence: fault.Say(
				"the file has %d columns of this name", "文件中有 %d 个同名列", count[name])})
		}
	}
	return problems
}

// unused lists the columns that have a name and no place in the mapping.
func (f *openFile) unused() []string {
	needs := f.mapping.needs()
	return slices.DeleteFunc(slices.Clone(f.header), func(name string) bool {
		return name == "" || slices.Contains(needs, name)
	})
}

// needs lists the columns that a mapping names, sorted.
func (m *fileMapping) needs() []string {
	names := map[string]bool{}
	add := func(list ...string) {
		for _, name := range list {
			names[name] = true
		}
	}
	addFormat := func(f format) {
		for _, empty := range f.empty {
			add(sortedKeys(empty.Where)...)
			add(sortedKeys(empty.Unless)...)
		}
	}
	add(m.lent...)
	for _, with := range m.with {
		add(with.key)
	}
	addFormat(m.format)
	for name, column := range m.columns {
		add(name)
		addFormat(column.format)
	}
	for _, record := range m.records {
		add(record.key...)
		add(holes(record.keyText)...)
		add(sortedKeys(record.where)...)
		add(sortedKeys(record.unless)...)
		for _, field := range record.fields {
			add(field.columns...)
			add(sortedKeys(field.where)...)
			add(sortedKeys(field.unless)...)
			add(holes(field.text)...)
		}
	}
	return sortedKeys(names)
}

// holes lists the columns that a text puts in.
func holes(text *string) (columns []string) {
	if text == nil {
		return nil
	}
	for _, hole := range placeholder.FindAllStringSubmatch(*text, -1) {
		columns = append(columns, hole[1])
	}
	return columns
}
