package search

import (
	"slices"
	"strings"
	"testing"

	"github.com/mozillazg/go-pinyin"
	"pgregory.net/rapid"
)

var (
	hanNames   = rapid.StringOfN(rapid.RuneFrom([]rune("华为技术有限公司银行重庆招商单曾乐长厦中国股份吕女广东小王张伟集团科贸々〇阿里")), 2, 12, -1)
	latinNames = rapid.StringMatching(`[A-Za-z0-9][A-Za-z0-9&' .-]{1,14}[A-Za-z0-9]`)
	mixedNames = rapid.Custom(func(t *rapid.T) string {
		parts := rapid.SliceOfN(rapid.OneOf(hanNames, latinNames), 1, 3).Draw(t, "parts")
		return strings.Join(parts, rapid.SampledFrom([]string{"", " ", "（"}).Draw(t, "between"))
	})
)

func mustFind(t *rapid.T, typed, name string) {
	q, err := Parse(typed)
	if err != nil {
		t.Skip("nothing to look for")
	}
	terms, text := Name(name)
	if !byColumns(q, terms, text) {
		t.Fatalf("%q does not find %q: query %+v", typed, name, q)
	}
}

func TestEveryPartOfANameFindsIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := mixedNames.Draw(t, "name")
		runes := []rune(name)
		from := rapid.IntRange(0, len(runes)-2).Draw(t, "from")
		to := rapid.IntRange(from+2, min(len(runes), from+LongestQuery)).Draw(t, "to")
		mustFind(t, string(runes[from:to]), name)
	})
}

// reading picks, apart from the package's own code, one way to read a character; other says whether a rare one may do.
func reading(t *rapid.T, r rune, other bool) string {
	all := pinyin.SinglePinyin(r, pinyin.Args{Heteronym: true})
	switch {
	case len(all) == 0:
		return string(r)
	case other:
		return rapid.SampledFrom(all).Draw(t, "reading")
	default:
		return all[0]
	}
}

func TestPinyinAndInitialsOfANameFindIt(t *testing.T) {
	plain := rapid.StringOfN(rapid.RuneFrom([]rune("华为技术重庆招商单曾乐长厦中国吕女广东小王张伟科贸阿里行")), 2, 12, -1)
	rapid.Check(t, func(t *rapid.T) {
		name := plain.Draw(t, "name")
		runes := []rune(name)
		odd := rapid.IntRange(0, min(len(runes), closeReading)-1).Draw(t, "read otherwise")
		seen := map[rune]string{runes[odd]: reading(t, runes[odd], true)}
		var whole, initials string
		for _, r := range runes[:min(len(runes), closeReading)] {
			if seen[r] == "" {
				seen[r] = reading(t, r, false)
			}
			whole += seen[r]
			initials += seen[r][:1]
		}
		end := rapid.IntRange(1, len(whole)).Draw(t, "letters typed")
		mustFind(t, whole[:end], name)
		from := rapid.IntRange(0, len(initials)-1).Draw(t, "from")
		mustFind(t, initials[from:rapid.IntRange(from+1, len(initials)).Draw(t, "to")], name)
	})
}

func TestMatchAgreesWithTheColumns(t *testing.T) {
	typed := rapid.OneOf(mixedNames, rapid.StringMatching(`[a-z]{1,4}`), rapid.StringOfN(rapid.RuneFrom([]rune("华为技术公司 ahuweijs")), 1, 6, -1))
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfN(mixedNames, 1, 2).Draw(t, "names")
		q, err := Parse(typed.Draw(t, "typed"))
		if err != nil {
			t.Skip("nothing to look for")
		}
		terms, text := Name(names...)
		if got := Match(q, names...); (got != ByNothing) != byColumns(q, terms, text) {
			t.Fatalf("Match(%q, %q) = %q, the columns say otherwise: terms %q, text %q", q.Normal, names, got, terms, text)
		}
	})
}

func TestEveryPhoneEndFindsIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		digits := rapid.StringMatching(`[1-9][0-9]{4,12}`).Draw(t, "digits")
		number := rapid.SampledFrom([]string{"", "+86"}).Draw(t, "country") + digits
		end := digits[rapid.IntRange(0, len(digits)-shortestPhoneEnd).Draw(t, "from"):]
		if strings.HasPrefix(end, "00") && len(end) > 10 {
			t.Skip("reads as an international call")
		}
		q, err := Parse(end)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(Phones(number), q.Phone) {
			t.Fatalf("%q does not find %q: %q", end, number, Phones(number))
		}
	})
}
