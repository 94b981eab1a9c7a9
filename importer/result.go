package importer

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"guanxi/fault"
)

// Result tells what an import did, or with DryRun would have done.
type Result struct {
	DryRun   bool
	Kinds    []KindResult // in the order in which they came
	Kept     []Kept
	Skipped  []Skipped // files and columns that the mapping does not name
	Missing  []string  // files that the mapping names and nobody gave
	Problems Problems  // what is wrong in rows, and what came of it
}

// KindResult counts the rows of one kind of record: what was read is what was created, updated, unchanged, repeated or left out.
type KindResult struct {
	Kind       string
	Read       int
	Created    int
	Updated    int
	Unchanged  int
	Repeated   int // rows that say the same of a record as one before
	LeftOut    int
	PassedOver int // lines that the mapping says are no such record: not among those read
	Made       int // records made in passing, as rows or the mapping name them: not among those created
	Kept       int // values that people changed since; see Result.Kept
}

// Kept is a value that the source changed and people changed too since the last import: theirs stays, until both are
// alike.
type Kept struct {
	File   string
	Line   int
	Kind   string
	Key    string
	Field  string // "" when people deleted the whole record
	Source string // what the source says
	Record string // what the record has
}

// In writes the kept value with its place, in a language: "zh" or anything else for English.
func (k Kept) In(language string) string {
	place := fmt.Sprintf("%s:%d: %s %s: ", k.File, k.Line, k.Kind, k.Key)
	if k.Field == "" {
		return place + fault.Say("was deleted here and stays so", "已在此删除，保持不变").In(language)
	}
	return place + k.Field + ": " + fault.Say("was changed here to %q and stays so; the file says %q", "已在此改为“%s”，保持不变；文件中为“%s”", k.Record, k.Source).In(language)
}

// kind gives the counts of a kind.
func (r *Result) kind(name string) *KindResult {
	for i := range r.Kinds {
		if r.Kinds[i].Kind == name {
			return &r.Kinds[i]
		}
	}
	r.Kinds = append(r.Kinds, KindResult{Kind: name})
	return &r.Kinds[len(r.Kinds)-1]
}

// add counts in what one piece of the work did.
func (r *Result) add(piece *Result) {
	for _, k := range piece.Kinds {
		sum := r.kind(k.Kind)
		sum.Read += k.Read
		sum.Created += k.Created
		sum.Updated += k.Updated
		sum.Unchanged += k.Unchanged
		sum.Repeated += k.Repeated
		sum.LeftOut += k.LeftOut
		sum.PassedOver += k.PassedOver
		sum.Made += k.Made
		sum.Kept += k.Kept
	}
	r.Kept = append(r.Kept, piece.Kept...)
	r.Problems = append(r.Problems, piece.Problems...)
}

// BadRows counts the lines of which something was left out because of a problem.
func (r *Result) BadRows() int { return r.lines(LeftOut) }

// lines counts the lines that have a problem of an effect.
func (r *Result) lines(effect Effect) int {
	found := map[string]bool{}
	for _, p := range r.Problems {
		if p.Effect == effect {
			found[fmt.Sprintf("%s:%d", p.File, p.Line)] = true
		}
	}
	return len(found)
}

// settle puts the problems in order. A record that was left out for one of them was for all: none of its fields is empty.
func (r *Result) settle() {
	type place struct {
		file string
		line int
		kind string
	}
	out := map[place]bool{}
	for _, p := range r.Problems {
		if p.Effect == LeftOut {
			out[place{p.File, p.Line, p.Kind}] = true
		}
	}
	for i, p := range r.Problems {
		if out[place{p.File, p.Line, p.Kind}] {
			r.Problems[i].Effect = LeftOut
		}
	}
	slices.SortStableFunc(r.Problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
}

// Write tells the result to people, in a language: "zh" or anything else for English.
func (r *Result) Write(w io.Writer, language string) error {
	var text strings.Builder
	say := func(s fault.Sentence) { text.WriteString(s.In(language) + "\n") }
	for _, p := range r.Problems {
		text.WriteString(p.In(language) + "\n")
	}
	for _, k := range r.Kept {
		text.WriteString(k.In(language) + "\n")
	}
	for _, s := range r.Skipped {
		if len(s.Columns) == 0 {
			say(fault.Say("skipped: %s is not named in the mapping", "已跳过：映射未提到 %s", s.File))
		} else {
			say(fault.Say("skipped: of %s the columns %s", "已跳过：%s 的列 %s", s.File, strings.Join(s.Columns, ", ")))
		}
	}
	for _, name := range r.Missing {
		say(fault.Say("not given: the mapping also names %s", "未提供：映射还提到 %s", name))
	}
	for _, k := range r.Kinds {
		k.tell(say)
	}
	if len(r.Kept) > 0 {
		say(fault.Say("%d values were changed here since and stay as they are.", "%d 个值已在此修改，保持不变。", len(r.Kept)))
	}
	if bad := r.BadRows(); bad > 0 {
		say(fault.Say("%d rows have problems and were left out; the others are in.", "%d 行有问题，未导入；其余已导入。", bad))
	}
	if emptied := r.lines(Emptied); emptied > 0 {
		say(fault.Say("%d rows are in with a field left empty.", "%d 行已导入，但有字段留空。", emptied))
	}
	if told := r.lines(Told); told > 0 {
		say(fault.Say("%d rows should be looked at.", "%d 行需要核对。", told))
	}
	if r.DryRun {
		say(fault.Say("This was a rehearsal: nothing was written.", "这是预演：没有写入任何数据。"))
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// tell says what became of the rows of a kind.
func (k *KindResult) tell(say func(fault.Sentence)) {
	if k.Read > 0 {
		say(fault.Say("%-16s %7d created, %7d updated, %7d unchanged, %7d repeated, %7d left out: %7d rows read", "%-16s 新建 %7d，更新 %7d，未变 %7d，重复 %7d，未导入 %7d：共读 %7d 行",
			k.Kind, k.Created, k.Updated, k.Unchanged, k.Repeated, k.LeftOut, k.Read))
	}
	if k.PassedOver > 0 {
		say(fault.Say("%-16s %7d lines are none, by the mapping", "%-16s %7d 行按映射不是此类记录", k.Kind, k.PassedOver))
	}
	if k.Made > 0 {
		say(fault.Say("%-16s %7d made in passing", "%-16s 顺带创建 %7d", k.Kind, k.Made))
	}
}
