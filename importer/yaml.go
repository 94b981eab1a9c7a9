package importer

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"guanxi/fault"
)

// The mapping file as it is written. What stands in a format counts for everything below it, the nearest wins.

type mappingText struct {
	Extends    string `yaml:"extends"`
	Source     string `yaml:"source"`
	Zone       string `yaml:"zone"`
	formatText `yaml:",inline"`
	Pipelines  map[string]map[string]float64 `yaml:"pipelines"`
	Files      map[string]fileText           `yaml:"files"`
}

type fileText struct {
	Match      string              `yaml:"match"`
	With       map[string]withText `yaml:"with"`
	formatText `yaml:",inline"`
	Columns    map[string]columnText `yaml:"columns"`
	Records    []recordText          `yaml:"records"`
}

type formatText struct {
	Encoding  string      `yaml:"encoding"`
	Separator string      `yaml:"separator"`
	Currency  string      `yaml:"currency"`
	Dates     several     `yaml:"dates"`
	Numbers   *numbers    `yaml:"numbers"`
	Empty     []emptyText `yaml:"empty"`
}

type columnText struct {
	Currency string            `yaml:"currency"`
	Dates    several           `yaml:"dates"`
	Numbers  *numbers          `yaml:"numbers"`
	Empty    []emptyText       `yaml:"empty"`
	Values   map[string]string `yaml:"values"`
}

// withText is what another file's row of the same key lends to a row: columns, by the names that they have here.
type withText struct {
	Key     string            `yaml:"key"`
	Columns map[string]string `yaml:"columns"`
}

type recordText struct {
	Kind     string               `yaml:"kind"`
	Key      keyText              `yaml:"key"`
	Numbered bool                 `yaml:"numbered"`
	Where    conditions           `yaml:"where"`
	Unless   conditions           `yaml:"unless"`
	Repeated bool                 `yaml:"repeated"`
	Fields   map[string]fieldText `yaml:"fields"`
}

// keyText is the column or columns that tell a record from others, or a text made of them.
type keyText struct {
	Column several
	Text   *string `yaml:"text"`
}

// UnmarshalYAML takes a column's name, a list of them, or a text.
func (k *keyText) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind != yaml.MappingNode {
		return node.Decode(&k.Column)
	}
	type long keyText
	return strictly(node, (*long)(k), "text")
}

type fieldText struct {
	Column    several           `yaml:"column"`
	Text      *string           `yaml:"text"`
	Values    map[string]string `yaml:"values"`
	Where     conditions        `yaml:"where"`
	Unless    conditions        `yaml:"unless"`
	By        several           `yaml:"by"`
	Kind      string            `yaml:"kind"`
	Create    bool              `yaml:"create"`
	OnProblem string            `yaml:"onProblem"`
}

// UnmarshalYAML takes a column's name, a list of them, or the long form.
func (f *fieldText) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind != yaml.MappingNode {
		return node.Decode(&f.Column)
	}
	type long fieldText
	return strictly(node, (*long)(f), "column", "text", "values", "where", "unless", "by", "kind", "create", "onProblem")
}

// emptyText is a text that means: nothing known. It may hold only under conditions.
type emptyText struct {
	Value  several    `yaml:"value"`
	Where  conditions `yaml:"where"`
	Unless conditions `yaml:"unless"`
}

// UnmarshalYAML takes the text alone or the long form.
func (e *emptyText) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind != yaml.MappingNode {
		return node.Decode(&e.Value)
	}
	type long emptyText
	return strictly(node, (*long)(e), "value", "where", "unless")
}

// several is one text or a list of them.
type several []string

// UnmarshalYAML takes one text or a list.
func (s *several) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		*s = several{node.Value}
		return nil
	}
	return node.Decode((*[]string)(s))
}

// conditions are texts that a line has in columns; all must hold, of several texts any.
type conditions map[string]several

// strictly decodes the long form of what may be written short, and refuses keys it does not know.
func strictly(node *yaml.Node, into any, keys ...string) error {
	for i := 0; i < len(node.Content); i += 2 {
		if key := node.Content[i]; !strings.Contains(" "+strings.Join(keys, " ")+" ", " "+key.Value+" ") {
			return &yaml.TypeError{Errors: []string{"line " + strconv.Itoa(key.Line) + ": field " + key.Value + " not found in type"}}
		}
	}
	return node.Decode(into)
}

// document is a mapping file with those it extends folded in.
type document struct {
	text   mappingText
	root   *yaml.Node
	origin map[*yaml.Node]string // the file that a node stands in
}

const deepestExtends = 5

// readDocument reads a mapping file, each file strictly by itself, and lays it over the one that it extends.
func readDocument(path string, depth int) (*document, error) {
	bytes, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	doc := &document{root: &yaml.Node{}, origin: map[*yaml.Node]string{}}
	if err := doc.decode(path, bytes); err != nil {
		return nil, err
	}
	if doc.text.Extends == "" {
		return doc, nil
	}
	if depth >= deepestExtends {
		return nil, Problems{{File: path, Line: doc.line("extends"), Sentence: fault.Say("extends goes in a circle or too deep", "extends 形成循环或层次过深")}}
	}
	below, err := readDocument(filepath.Join(filepath.Dir(path), doc.text.Extends), depth+1)
	if err != nil {
		return nil, err
	}
	return doc.over(below)
}

func (d *document) decode(path string, bytes []byte) error {
	if err := yaml.Unmarshal(bytes, d.root); err != nil {
		return yamlProblems(path, err)
	}
	if len(d.root.Content) == 0 || d.root.Content[0].Kind != yaml.MappingNode {
		return Problems{{File: path, Sentence: fault.Say("the mapping is empty", "映射文件为空")}}
	}
	d.root = d.root.Content[0]
	d.remember(d.root, path)
	decoder := yaml.NewDecoder(strings.NewReader(string(bytes)))
	decoder.KnownFields(true)
	if err := decoder.Decode(&d.text); err != nil {
		return yamlProblems(path, err)
	}
	return nil
}

func (d *document) remember(node *yaml.Node, path string) {
	d.origin[node] = path
	for _, child := range node.Content {
		d.remember(child, path)
	}
}

// over lays this document over another: mappings are joined key by key, anything else replaces.
func (d *document) over(below *document) (*document, error) {
	for node, path := range below.origin {
		d.origin[node] = path
	}
	d.root = joined(below.root, d.root)
	d.text = mappingText{}
	return d, d.root.Decode(&d.text)
}

func joined(below, above *yaml.Node) *yaml.Node {
	if below.Kind != yaml.MappingNode || above.Kind != yaml.MappingNode {
		return above
	}
	for i := 0; i < len(above.Content); i += 2 {
		key, value := above.Content[i], above.Content[i+1]
		if at := indexOfKey(below, key.Value); at >= 0 {
			below.Content[at+1] = joined(below.Content[at+1], value)
		} else {
			below.Content = append(below.Content, key, value)
		}
	}
	return below
}

func indexOfKey(mapping *yaml.Node, key string) int {
	for i := 0; i < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return i
		}
	}
	return -1
}

// find follows a path of keys and list positions as far as it goes.
func (d *document) find(path ...string) *yaml.Node {
	node := d.root
	for _, step := range path {
		next := (*yaml.Node)(nil)
		if node.Kind == yaml.MappingNode {
			if at := indexOfKey(node, step); at >= 0 {
				next = node.Content[at+1]
			}
		} else if at, err := strconv.Atoi(step); err == nil && node.Kind == yaml.SequenceNode && at < len(node.Content) {
			next = node.Content[at]
		}
		if next == nil {
			return node
		}
		node = next
	}
	return node
}

func (d *document) line(path ...string) int { return d.find(path...).Line }

// keys lists the keys of a mapping in the order in which they are written.
func (d *document) keys(path ...string) []string {
	var list []string
	node := d.find(path...)
	for i := 0; node.Kind == yaml.MappingNode && i < len(node.Content); i += 2 {
		list = append(list, node.Content[i].Value)
	}
	return list
}

var (
	yamlLine   = regexp.MustCompile(`(?:yaml: )?line (\d+): (.*)`)
	unknownKey = regexp.MustCompile(`field (.+) not found in type.*`)
)

// yamlProblems turns what the YAML library says into problems with lines.
func yamlProblems(path string, err error) error {
	texts := []string{err.Error()}
	var typed *yaml.TypeError
	if errors.As(err, &typed) {
		texts = typed.Errors
	}
	var list Problems
	for _, text := range texts {
		problem := Problem{File: path, Sentence: fault.Sentence{En: text}}
		if parts := yamlLine.FindStringSubmatch(text); parts != nil {
			problem.Line, _ = strconv.Atoi(parts[1])
			problem.Sentence = fault.Sentence{En: parts[2]}
		}
		if parts := unknownKey.FindStringSubmatch(problem.En); parts != nil {
			problem.Sentence = fault.Say("a mapping has no key %q here", "此处不能使用键 %q", parts[1])
		}
		list = append(list, problem)
	}
	return list
}
