package search

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"guanxi/fault"
)

// found answers the way the database does: by the columns and the parsed query alone.
func found(t *testing.T, text string, list ...string) bool {
	t.Helper()
	q, err := Parse(text)
	if err != nil {
		t.Fatalf("Parse(%q): %v", text, err)
	}
	terms, searched := Name(list...)
	return byColumns(q, terms, searched)
}

func byColumns(q Query, terms []string, searched string) bool {
	for _, term := range q.Terms {
		if !slices.Contains(terms, term) {
			return false
		}
	}
	for _, like := range q.Likes {
		fragment := strings.TrimSuffix(strings.TrimPrefix(like, "%"), "%")
		if !strings.Contains(searched, fragment) {
			return false
		}
	}
	return true
}

func TestMatchSaysWhyARecordIsFound(t *testing.T) {
	for _, c := range []struct {
		typed string
		names []string
		want  Reason
	}{
		{"华为", []string{"华为技术有限公司"}, ByName},
		{"技术", []string{"华为技术有限公司"}, ByName},
		{"技术有限", []string{"华为技术有限公司"}, ByName},
		{"限公", []string{"华为技术有限公司"}, ByName},
		{"为华", []string{"华为技术有限公司"}, ByNothing},
		{"术技术", []string{"技术术"}, ByNothing},
		{"技", []string{"华为技术有限公司"}, ByName},
		{"王伟", []string{"王 伟"}, ByName},
		{"华为 公司", []string{"华为技术有限公司"}, ByName},
		{"公司 华为", []string{"华为技术有限公司"}, ByName},
		{"华为tech", []string{"华为Technologies"}, ByName},
		{"华为tech", []string{"华为技术"}, ByNothing},
		{"ｈｕａｗｅｉ", []string{"华为技术有限公司"}, ByPinyin},
		{"huaw", []string{"华为技术有限公司"}, ByPinyin},
		{"weiji", []string{"华为技术有限公司"}, ByPinyin},
		{"hua wei", []string{"华为技术有限公司"}, ByPinyin},
		{"hu", []string{"华为技术有限公司"}, ByPinyin},
		{"xi'an", []string{"西安银行"}, ByPinyin},
		{"huaweitech", []string{"华为Tech"}, ByPinyin},
		{"HW", []string{"华为技术有限公司"}, ByInitials},
		{"hwjs", []string{"华为技术有限公司"}, ByInitials},
		{"yxgs", []string{"华为技术有限公司"}, ByInitials},
		{"h", []string{"华为技术有限公司"}, ByInitials},
		{"华为 js", []string{"华为技术有限公司"}, ByInitials},
		{"ua", []string{"华为技术有限公司"}, ByNothing},
		{"ag", []string{"A股分析"}, ByInitials},
		{"chongqing", []string{"重庆银行"}, ByPinyin},
		{"zhongqing", []string{"重庆银行"}, ByPinyin},
		{"cqyh", []string{"重庆银行"}, ByInitials},
		{"zhaoshangyinhang", []string{"招商银行"}, ByPinyin},
		{"shanxiaolong", []string{"单小龙"}, ByPinyin},
		{"sxl", []string{"单小龙"}, ByInitials},
		{"chongqingyinhang", []string{"重庆银行"}, ByPinyin},
		{"lvbu", []string{"吕布"}, ByPinyin},
		{"lubu", []string{"吕布"}, ByPinyin},
		{"acme", []string{"Acme Corporation"}, ByName},
		{"corp acme", []string{"Acme Corporation"}, ByName},
		{"ac", []string{"Acme Corporation"}, ByName},
		{"ec", []string{"Acme Corporation"}, ByNothing},
		{"gtxpro", []string{"GTX Pro"}, ByName},
		{"AT&T", []string{"AT&T"}, ByName},
		{"100%", []string{"100 Percent"}, ByName},
		{"j_s", []string{"James Smith"}, ByName},
		{"wei li", []string{"Li Wei", "李伟"}, ByName},
		{"zhang wei", []string{"David Zhang", "张伟"}, ByPinyin},
		{"москва", []string{"Москва"}, ByName},
		{"jose muller", []string{"José Müller"}, ByName},
		{"JOSÉ", []string{"Jose"}, ByName},
		{"lodz", []string{"Łódź"}, ByName},
		{"strasse", []string{"Hauptstraße 5"}, ByName},
		{"αθηνα", []string{"Αθήνα"}, ByName},
		{"huá wèi", []string{"华为技术有限公司"}, ByPinyin},
		{"lǚbù", []string{"吕布"}, ByPinyin},
		{"мои", []string{"Мой"}, ByNothing},
		{"か", []string{"が"}, ByNothing},
		{"anything", nil, ByNothing},
	} {
		q, err := Parse(c.typed)
		if err != nil {
			t.Fatalf("Parse(%q): %v", c.typed, err)
		}
		if got := Match(q, c.names...); got != c.want {
			t.Errorf("Match(%q, %q) = %q, want %q", c.typed, c.names, got, c.want)
		}
		if got := found(t, c.typed, c.names...); got != (c.want != ByNothing) {
			t.Errorf("%q in the columns of %q: found %v, Match says %q", c.typed, c.names, got, c.want)
		}
	}
}

func TestParseRefusesWithTheReason(t *testing.T) {
	for typed, says := range map[string]string{
		"":                      "empty",
		"  \t":                  "empty",
		"a\x00b":                "NUL",
		"\xff\xfe":              "UTF-8",
		"%_!":                   "no letter or digit",
		strings.Repeat("华", 65): "65 characters",
	} {
		_, err := Parse(typed)
		var wrong *fault.Fault
		if !errors.As(err, &wrong) || wrong.Code != fault.BadInput || !strings.Contains(wrong.Sentence.En, says) || wrong.Sentence.Zh == "" {
			t.Errorf("Parse(%q) = %v, want a fault saying %q in both languages", typed, err, says)
		}
	}
	if _, err := Parse(strings.Repeat("华", 64)); err != nil {
		t.Errorf("64 characters refused: %v", err)
	}
}

func TestParseChoosesTheLongestFragmentForTheIndex(t *testing.T) {
	q, err := Parse("acme corporation 华为技术 ab")
	if err != nil {
		t.Fatal(err)
	}
	if q.Like != "%corporation%" {
		t.Errorf("Like = %q", q.Like)
	}
	if want := []string{"%acme%", "%corporation%", "%华为技术%"}; !slices.Equal(q.Likes, want) {
		t.Errorf("Likes = %q, want %q", q.Likes, want)
	}
	if want := []string{"华为", "为技", "技术", "ab"}; !slices.Equal(q.Terms, want) {
		t.Errorf("Terms = %q, want %q", q.Terms, want)
	}
}

func TestNameStaysBounded(t *testing.T) {
	terms, text := Name(strings.Repeat("行长重单曾乐厦会", 25) + "有限公司")
	if len(terms) > 2000 || len(text) > 8000 {
		t.Errorf("200 characters with many readings: %d terms, %d bytes of text", len(terms), len(text))
	}
	if terms, text := Name("", "  "); len(terms) != 0 || text != "" {
		t.Errorf("no name: %q, %q", terms, text)
	}
}
