package search

import (
	"regexp"
	"strings"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/unicode/norm"
)

// A phone number is found by its end: at least shortestPhoneEnd digits, and of a longer number than longestPhone
// digits only its last longestPhone.
const (
	shortestPhoneEnd = 4
	longestPhone     = 24
)

var extension = regexp.MustCompile(`\s*(转接?|轉接?|分机号?|分機號?|内线|內線)\s*[:：.]?\s*`)

// writeExtension rewrites Chinese ways to say extension (0755-86131234转802) and full-width digits.
func writeExtension(raw string) string {
	return strings.TrimSpace(extension.ReplaceAllString(norm.NFKC.String(raw), " ext. "))
}

// NormalPhone writes a phone number as +8675586131234. region (as CN) says whose national numbers are meant when the
// number does not start with +. An extension is understood and left out. ok is false when it is no valid number there.
func NormalPhone(raw, region string) (e164 string, ok bool) {
	number, err := phonenumbers.Parse(writeExtension(raw), region)
	if err != nil || !phonenumbers.IsValidNumber(number) {
		return "", false
	}
	return phonenumbers.Format(number, phonenumbers.E164), true
}

// Phones lists the ends, of 4 digits or more, of phone numbers in their international form (when they have one, as
// +86…) and national form, with and without the extension: what goes to phone_terms.
func Phones(numbers ...string) []string {
	terms := []string{}
	for _, number := range numbers {
		for _, form := range phoneForms(number) {
			form = form[max(0, len(form)-longestPhone):]
			for start := 0; start+shortestPhoneEnd <= len(form); start++ {
				terms = append(terms, form[start:])
			}
		}
	}
	return distinct(terms)
}

// phoneForms lists the digits of one number as people write it: as it stands, without extension, national.
func phoneForms(raw string) []string {
	written := writeExtension(raw)
	base, _, _ := strings.Cut(written, " ext. ")
	forms := []string{onlyDigits(written), onlyDigits(base)}
	if number, ok := international(written); ok {
		forms = append(forms, onlyDigits(phonenumbers.Format(number, phonenumbers.E164)), nationalDigits(number))
	}
	return distinct(forms)
}

// international reads a number that names its country.
func international(written string) (*phonenumbers.PhoneNumber, bool) {
	if !strings.HasPrefix(written, "+") {
		return nil, false
	}
	number, err := phonenumbers.Parse(written, "")
	return number, err == nil
}

// nationalDigits writes a number as it is dialled within its country, without extension.
func nationalDigits(number *phonenumbers.PhoneNumber) string {
	plain := &phonenumbers.PhoneNumber{
		CountryCode: number.CountryCode, NationalNumber: number.NationalNumber,
		ItalianLeadingZero: number.ItalianLeadingZero, NumberOfLeadingZeros: number.NumberOfLeadingZeros,
	}
	return onlyDigits(phonenumbers.Format(plain, phonenumbers.NATIONAL))
}

func onlyDigits(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, text)
}

// phoneEnd reads what was typed as the end of a phone number: digits with the signs people put between them.
func phoneEnd(normal string) string {
	if strings.Trim(normal, "0123456789 +-().·/") != "" {
		return ""
	}
	digits := onlyDigits(normal)
	if strings.HasPrefix(digits, "00") && len(digits) > 10 {
		digits = digits[2:]
	}
	if len(digits) < shortestPhoneEnd {
		return ""
	}
	return digits[max(0, len(digits)-longestPhone):]
}
