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
	records   []recordMapping
}

// format is how cells are written.
type format struct {
	currency string
	dates    dates
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
	where    conditions
	unless   conditions
	repeated bool
	fields   []fieldMapping    // by name
	origin   map[string]string // the columns of each field
}

// fieldMapping fills one field.
type fieldMapping struct {
	name    string
	takes   Field
	columns []string
	text    *string
	values  map[string]string
	kind    string // of the record a reference points to
	by      string
	create  bool
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
	top := c.layout(nil, fileMapping{encoding: utf8Name, separator: ',', format: format{dates: usualDates}}, written.formatText)
	for _, name := range c.doc.keys("pipelines") {
		m.pipelines = append(m.pipelines, c.pipeline(name, written.Pipelines[name]))
	}
	for _, name := range c.doc.keys("files") {
		if file, ok := written.Files[name]; ok {
			m.files = append(m.files, c.file(name, top, file))
		}
	}
	return m
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
	if len(written.Records) == 0 {
		c.wrong(at, fault.Say("%s: records: the mapping does not say what the file holds", "%s：records：映射未说明文件内容", name))
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
	if written.Dates != "" {
		format, err := dateFormat(written.Dates)
		if err != nil {
			c.wrong(append(at, "dates"), fault.Say("%v", "日期格式有误：%v", err))
		}
		outer.dates = format
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
		kind: written.Kind, key: written.Key, where: written.Where, unless: written.Unless, repeated: written.Repeated,
		origin: map[string]string{},
	}
	fields, ok := kinds[written.Kind]
	if !ok {
		c.wrong(append(at, "kind"), fault.Say("there is no kind %q; there are %s", "没有类型 %q；可用：%s", written.Kind, strings.Join(Kinds(), ", ")))
		return record
	}
	if len(written.Key) == 0 {
		c.wrong(at, fault.Say("key: a %s needs the column or columns that tell one from another", "key：%s 需要能区分记录的列", written.Kind))
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
		kind: written.Kind, by: written.By, create: written.Create,
	}
	if (len(written.Column) == 0) == (written.Text == nil) {
		c.wrong(at, fault.Say("%s: name a column or a text, one of them", "%s：请写列名（column）或文本（text），二者择一", name))
	}
	if takes.Type == Reference {
		c.reference(at, &field)
	} else if written.By != "" || written.Kind != "" || written.Create || len(written.Column) > 1 {
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
	field.by = nearest(field.by, takes.By[0])
	field.kind = nearest(field.kind, takes.Kinds[0])
	if !slices.Contains(takes.By, field.by) {
		c.wrong(at, fault.Say("%s can be found by %s, not by %q", "%s 可按 %s 查找，不能按 %q", field.name, strings.Join(takes.By, ", "), field.by))
	}
	if !slices.Contains(takes.Kinds, field.kind) {
		c.wrong(at, fault.Say("%s points to a %s, not to a %q", "%s 引用 %s，不能引用 %q", field.name, strings.Join(takes.Kinds, ", "), field.kind))
	}
	if field.create && !takes.Creatable {
		c.wrong(at, fault.Say("%s: what it points to cannot be made in passing; import it first", "%s：所引用的记录不能顺带创建，请先导入", field.name))
	}
	if len(field.columns) > 1 && field.by != ByKey {
		c.wrong(at, fault.Say("%s: several columns make a key, not a %s", "%s：多列只能组成键，不能组成 %s", field.name, field.by))
	}
}
