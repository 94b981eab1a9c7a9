package importer

import (
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"guanxi/fault"
)

// Mapping says how the files of a source become records.
type Mapping struct {
	Path   string
	Source string         // name of the source; with kind and key it names a record for good
	Zone   *time.Location // of times that name none; nil when the mapping does not say
	files  []fileMapping

	pipelines []pipelineMapping
}

// pipelineMapping is a pipeline that is made when there is none of its name, with its stages in their order.
type pipelineMapping struct {
	name   string
	stages []stageMapping
}

type stageMapping struct {
	name        string
	probability float64
}

// fileMapping is one file in the order of the mapping.
type fileMapping struct {
	name      string
	match     string
	encoding  string
	separator rune
	format    format
	columns   map[string]column
	with      []withMapping
	lent      []string // columns that rows of other files borrow
	records   []recordMapping
}

// withMapping is what rows of another file lend to those of this one: the row whose key is the same.
type withMapping struct {
	file    string // its name in the mapping
	key     string // the column, of the same name in both
	columns map[string]string
}

// format is how cells are written.
type format struct {
	currency string
	dates    []dates // tried one after the other
	numbers  numbers
	empty    []emptyText
}

// column is a column of which the mapping says more than the file's format.
type column struct {
	format format
	values map[string]string
}

// recordMapping makes at most one record of a line.
type recordMapping struct {
	kind     string
	key      []string
	keyText  *string
	where    conditions
	unless   conditions
	repeated bool              // several lines may speak of one record
	numbered bool              // lines of one key are records of their own, told apart by their order
	fields   []fieldMapping    // by name
	origin   map[string]string // the columns of each field
	lenient  map[string]bool   // the fields that are left empty when they have a problem
}

// fieldMapping fills one field.
type fieldMapping struct {
	name    string
	takes   Field
	columns []string
	text    *string
	values  map[string]string
	where   conditions
	unless  conditions
	kind    string   // of the record a reference points to
	by      []string // with a column for each
	create  bool
	effect  Effect // of a problem: LeftOut or Emptied
}

// placeholder is a column's name in a text: {account}.
var placeholder = regexp.MustCompile(`\{([^{}]+)\}`)

// Load reads a mapping file and checks it as far as that goes without the data. The error is Problems with the
// lines of the mapping, or that of reading the file.
func Load(path string) (*Mapping, error) {
	doc, err := readDocument(path, 0)
	if err != nil {
		return nil, err
	}
	check := &checker{doc: doc}
	mapping := check.mapping(path)
	if err := check.problems.orNil(); err != nil {
		return nil, err
	}
	return mapping, nil
}

// checker turns the written mapping into one that can be used, and gathers what is wrong with it.
type checker struct {
	doc      *document
	problems Problems
}

// wrong notes a problem at a path of keys of the mapping.
func (c *checker) wrong(path []string, sentence fault.Sentence) {
	node := c.doc.find(path...)
	c.problems = append(c.problems, Problem{File: c.doc.origin[node], Line: node.Line, Sentence: sentence})
}

func (c *checker) mapping(path string) *Mapping {
	written := c.doc.text
	m := &Mapping{Path: path, Source: written.Source}
	if m.Source == "" {
		c.wrong(nil, fault.Say("source: the mapping does not name its source", "source：映射未写明数据来源"))
	}
	if written.Zone != "" {
		zone, err := time.LoadLocation(written.Zone)
		if err != nil {
			c.wrong([]string{"zone"}, fault.Say("there is no time zone %q", "没有时区 %q", written.Zone))
		}
		m.Zone = zone
	}
	if len(written.Files) == 0 {
		c.wrong(nil, fault.Say("files: the mapping names no file", "files：映射未写明任何文件"))
	}
	top := c.layout(nil, fileMapping{encoding: utf8Name, separator: ',', format: format{dates: []dates{usualDates}}}, written.formatText)
	for _, name := range c.doc.keys("pipelines") {
		m.pipelines = append(m.pipelines, c.pipeline(name, written.Pipelines[name]))
	}
	for _, name := range c.doc.keys("files") {
		if file, ok := written.Files[name]; ok {
			m.files = append(m.files, c.file(name, top, file))
		}
	}
	c.lend(m)
	for _, file := range m.files {
		if len(file.records) == 0 && len(file.lent) == 0 {
			c.wrong([]string{"files", file.name}, fault.Say("%s: records: the mapping does not say what the file holds", "%s：records：映射未说明文件内容", file.name))
		}
	}
	return m
}

// lend notes the columns that a file's rows borrow with the file that lends them.
func (c *checker) lend(m *Mapping) {
	for _, file := range m.files {
		for _, with := range file.with {
			at := slices.IndexFunc(m.files, func(other fileMapping) bool { return other.name == with.file && other.name != file.name })
			if at < 0 || with.key == "" {
				c.wrong([]string{"files", file.name, "with", with.file}, fault.Say(
					"with: name another file of the mapping, and the key that both have", "with：请写映射中的另一个文件，以及两者共有的键（key）"))
				continue
			}
			m.files[at].lent = append(m.files[at].lent, with.key)
			for _, column := range with.columns {
				m.files[at].lent = append(m.files[at].lent, column)
			}
		}
	}
}

func (c *checker) pipeline(name string, written map[string]float64) pipelineMapping {
	pipeline := pipelineMapping{name: name}
	for _, stage := range c.doc.keys("pipelines", name) {
		probability := written[stage]
		if !(probability >= 0 && probability <= 1) {
			c.wrong([]string{"pipelines", name, stage}, fault.Say("a stage has a probability from 0 to 1, not %v", "阶段的概率为 0 到 1，而不是 %v", probability))
		}
		pipeline.stages = append(pipeline.stages, stageMapping{stage, probability})
	}
	return pipeline
}

// layout lays how files are written at one place over what counts there otherwise.
func (c *checker) layout(at []string, outer fileMapping, written formatText) fileMapping {
	if written.Encoding != "" {
		outer.encoding = c.encoding(at, written.Encoding)
	}
	if written.Separator != "" {
		outer.separator = c.separator(at, written.Separator)
	}
	outer.format = c.format(at, outer.format, columnText{
		Currency: written.Currency, Dates: written.Dates, Numbers: written.Numbers, Empty: written.Empty,
	})
	return outer
}

func (c *checker) file(name string, top fileMapping, written fileText) fileMapping {
	at := []string{"files", name}
	file := c.layout(at, top, written.formatText)
	file.name, file.match, file.columns = name, written.Match, map[string]column{}
	if file.match == "" {
		file.match = name
	}
	if _, err := filepath.Match(file.match, ""); err != nil {
		c.wrong(append(at, "match"), fault.Say("%q is no pattern for file names", "%q 不是有效的文件名模式", file.match))
	}
	for _, name := range sortedKeys(written.Columns) {
		col := written.Columns[name]
		file.columns[name] = column{c.format(append(at, "columns", name), file.format, col), col.Values}
	}
	for _, other := range sortedKeys(written.With) {
		file.with = append(file.with, withMapping{other, written.With[other].Key, written.With[other].Columns})
	}
	for i, record := range written.Records {
		file.records = append(file.records, c.record(append(at, "records", strconv.Itoa(i)), record))
	}
	return file
}

func nearest(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// format lays what is written at one place over what counts there otherwise.
func (c *checker) format(at []string, outer format, written columnText) format {
	if written.Currency != "" {
		outer.currency = written.Currency
		if !regexp.MustCompile(`^[A-Z]{3}$`).MatchString(written.Currency) {
			c.wrong(append(at, "currency"), fault.Say("%q is no currency code such as CNY", "%q 不是货币代码（如 CNY）", written.Currency))
		}
	}
	if written.Dates != nil {
		formats, err := dateFormats(written.Dates)
		if err != nil {
			c.wrong(append(at, "dates"), fault.Say("%v", "日期格式有误：%v", err))
		}
		outer.dates = formats
	}
	if written.Numbers != nil {
		outer.numbers = *written.Numbers
		if written.Numbers.point() == written.Numbers.Thousands {
			c.wrong(append(at, "numbers"), fault.Say("the decimal and the thousands sign are the same", "小数点与千位分隔符相同"))
		}
	}
	if written.Empty != nil {
		outer.empty = written.Empty
	}
	return outer
}

func (c *checker) encoding(at []string, name string) string {
	if _, ok := encodings[strings.ToLower(name)]; !ok {
		c.wrong(append(at, "encoding"), fault.Say("encoding %q is not known; known are %s", "不支持编码 %q；支持：%s", name, encodingNames()))
	}
	return strings.ToLower(name)
}

func (c *checker) separator(at []string, written string) rune {
	runes := []rune(written)
	switch {
	case strings.EqualFold(written, "tab"):
		return '\t'
	case len(runes) != 1 || strings.ContainsRune("\"\r\n", runes[0]):
		c.wrong(append(at, "separator"), fault.Say("the separator is one character or tab, not %q", "分隔符应为一个字符或 tab，而不是 %q", written))
		return ','
	}
	return runes[0]
}

func (c *checker) record(at []string, written recordText) recordMapping {
	record := recordMapping{
		kind: written.Kind, key: written.Key.Column, keyText: written.Key.Text, where: written.Where, unless: written.Unless,
		repeated: written.Repeated, numbered: written.Numbered, origin: map[string]string{}, lenient: map[string]bool{},
	}
	fields, ok := kinds[written.Kind]
	if !ok {
		c.wrong(append(at, "kind"), fault.Say("there is no kind %q; there are %s", "没有类型 %q；可用：%s", written.Kind, strings.Join(Kinds(), ", ")))
		return record
	}
	if len(written.Key.Column) == 0 && written.Key.Text == nil {
		c.wrong(at, fault.Say("key: a %s needs the column or columns that tell one from another", "key：%s 需要能区分记录的列", written.Kind))
	}
	if written.Repeated && written.Numbered {
		c.wrong(at, fault.Say("repeated and numbered: lines of one key are one record or several, not both", "repeated 与 numbered 不能并用：同键的行要么是一条记录，要么是多条"))
	}
	for _, name := range sortedKeys(written.Fields) {
		where := append(slices.Clone(at), "fields", name)
		takes, ok := fields[name]
		if !ok {
			c.wrong(where, fault.Say("a %s has no field %q; it has %s", "%s 没有字段 %q；可用：%s", written.Kind, name, strings.Join(sortedKeys(fields), ", ")))
			continue
		}
		record.fields = append(record.fields, c.field(where, name, takes, written.Fields[name]))
		record.origin[name] = strings.Join(written.Fields[name].Column, ", ")
		record.lenient[name] = record.fields[len(record.fields)-1].effect == Emptied
	}
	for _, name := range sortedKeys(fields) {
		if _, ok := written.Fields[name]; !ok && fields[name].Required {
			c.wrong(at, fault.Say("a %s needs the field %q", "%s 必须有字段 %q", written.Kind, name))
		}
	}
	return record
}

func (c *checker) field(at []string, name string, takes Field, written fieldText) fieldMapping {
	field := fieldMapping{
		name: name, takes: takes, columns: written.Column, text: written.Text, values: written.Values,
		where: written.Where, unless: written.Unless, kind: written.Kind, by: written.By, create: written.Create,
	}
	switch {
	case written.OnProblem == "empty" && !takes.Required:
		field.effect = Emptied
	case written.OnProblem != "":
		c.wrong(at, fault.Say("%s: onProblem may say empty, for a field that may be empty", "%s：onProblem 只可写 empty，且该字段须可为空", name))
	}
	if (len(written.Column) == 0) == (written.Text == nil) {
		c.wrong(at, fault.Say("%s: name a column or a text, one of them", "%s：请写列名（column）或文本（text），二者择一", name))
	}
	if takes.Type == Reference {
		c.reference(at, &field)
	} else if written.By != nil || written.Kind != "" || written.Create || len(written.Column) > 1 {
		c.wrong(at, fault.Say("%s: by, kind, create and several columns are for references to other records", "%s：by、kind、create 和多列只用于引用其他记录", name))
	}
	if field.text != nil && takes.Type == Choice && !placeholder.MatchString(*field.text) && !slices.Contains(takes.Choices, *field.text) {
		c.wrong(at, fault.Say("%s is one of %s, not %q", "%s 应为 %s 之一，而不是 %q", name, strings.Join(takes.Choices, ", "), *field.text))
	}
	return field
}

// reference fills in how a reference is usually made and checks what the mapping says otherwise.
func (c *checker) reference(at []string, field *fieldMapping) {
	takes := field.takes
	if len(field.by) == 0 {
		field.by = takes.By[:1]
	}
	field.kind = nearest(field.kind, takes.Kinds[0])
	for _, by := range field.by {
		if !slices.Contains(takes.By, by) {
			c.wrong(at, fault.Say("%s can be found by %s, not by %q", "%s 可按 %s 查找，不能按 %q", field.name, strings.Join(takes.By, ", "), by))
		}
	}
	if !slices.Contains(takes.Kinds, field.kind) {
		c.wrong(at, fault.Say("%s points to a %s, not to a %q", "%s 引用 %s，不能引用 %q", field.name, strings.Join(takes.Kinds, ", "), field.kind))
	}
	if field.create && !takes.Creatable {
		c.wrong(at, fault.Say("%s: what it points to cannot be made in passing; import it first", "%s：所引用的记录不能顺带创建，请先导入", field.name))
	}
	c.together(at, field)
}

// together checks a reference that is made of several columns: they make a key, or the record is found by a field for each.
func (c *checker) together(at []string, field *fieldMapping) {
	byKey := slices.Contains(field.by, ByKey)
	switch {
	case len(field.by) == 1 && (byKey || len(field.columns) <= 1):
	case len(field.by) > 1 && len(field.by) == len(field.columns) && !byKey && !slices.Contains(field.by, ByPath) && lookedUp(field.kind):
	default:
		c.wrong(at, fault.Say("%s: several columns make a key, or each is found by one of as many fields", "%s：多列组成键，或按同样多的字段逐一查找", field.name))
	}
}
