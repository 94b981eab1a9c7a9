// Package fault is the one vocabulary of what can go wrong: a code for programs, a sentence for people in two languages,
// the place in the input, and a cause that never leaves the server.
package fault

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Code names a kind of fault; programs decide by it.
type Code string

// Codes of business refusals, told as user errors.
const (
	Invalid              Code = "INVALID"
	Required             Code = "REQUIRED"
	NotFound             Code = "NOT_FOUND"
	StaleVersion         Code = "STALE_VERSION"
	AlreadyClosed        Code = "ALREADY_CLOSED"
	NotClosed            Code = "NOT_CLOSED"
	Duplicate            Code = "DUPLICATE"
	InUse                Code = "IN_USE"
	Cycle                Code = "CYCLE"
	Forbidden            Code = "FORBIDDEN"
	AlreadyClaimed       Code = "ALREADY_CLAIMED"
	NotInPool            Code = "NOT_IN_POOL"
	IdempotencyKeyReused Code = "IDEMPOTENCY_KEY_REUSED"
	Conflict             Code = "CONFLICT"
	TooLarge             Code = "TOO_LARGE"
)

// Codes of refusals of a whole request, told as errors.
const (
	Unauthenticated  Code = "UNAUTHENTICATED"
	PermissionDenied Code = "PERMISSION_DENIED"
	FieldDenied      Code = "FIELD_DENIED"
	BadInput         Code = "BAD_INPUT"
	LimitExceeded    Code = "LIMIT_EXCEEDED"
	RateLimited      Code = "RATE_LIMITED"
	Unavailable      Code = "UNAVAILABLE"
	Timeout          Code = "TIMEOUT"
	Internal         Code = "INTERNAL"
)

// Sentence is what people read, in each language.
type Sentence struct{ En, Zh string }

// Say fills a sentence's verbs, both languages with the same values.
func Say(en, zh string, values ...any) Sentence {
	if len(values) == 0 {
		return Sentence{en, zh}
	}
	return Sentence{fmt.Sprintf(en, values...), fmt.Sprintf(zh, values...)}
}

// In gives the sentence in a language: "zh" or anything else for English.
func (s Sentence) In(language string) string {
	if strings.HasPrefix(language, "zh") && s.Zh != "" {
		return s.Zh
	}
	return s.En
}

// Fault is one thing that went wrong.
type Fault struct {
	Code     Code
	Sentence Sentence
	Field    []string
	Cause    error
	refusal  bool
}

// Error gives the English sentence; the cause stays inside.
func (f *Fault) Error() string {
	if len(f.Field) > 0 {
		return strings.Join(f.Field, ".") + ": " + f.Sentence.En
	}
	return f.Sentence.En
}

// Unwrap gives the private cause.
func (f *Fault) Unwrap() error { return f.Cause }

// At names the place in the input.
func (f *Fault) At(field ...string) *Fault { f.Field = field; return f }

// Because keeps a private cause for the log.
func (f *Fault) Because(cause error) *Fault { f.Cause = cause; return f }

// Refuse makes a business refusal: the request was well formed, the business says no.
func Refuse(code Code, s Sentence) *Fault { return &Fault{Code: code, Sentence: s, refusal: true} }

// Deny makes a refusal of the whole request.
func Deny(code Code, s Sentence) *Fault { return &Fault{Code: code, Sentence: s} }

// Absent is the answer for a record that does not exist for the viewer, hidden or never issued.
func Absent(field ...string) *Fault {
	return Refuse(NotFound, Say("There is no such record.", "没有这条记录。")).At(field...)
}

// Many is several business refusals found together.
type Many []*Fault

// Error joins the sentences.
func (m Many) Error() string {
	texts := make([]string, len(m))
	for i, f := range m {
		texts[i] = f.Error()
	}
	return strings.Join(texts, "; ")
}

// OrNil gives nil for an empty list, so that nothing found means no error.
func (m Many) OrNil() error {
	if len(m) == 0 {
		return nil
	}
	return m
}

// Refusals splits an error: business refusals to be told as user errors, or the error itself.
func Refusals(err error) ([]*Fault, error) {
	var many Many
	if errors.As(err, &many) {
		return many, nil
	}
	var one *Fault
	if errors.As(err, &one) && one.refusal {
		return []*Fault{one}, nil
	}
	return nil, err
}

// Is tells whether the error is a fault of the code.
func Is(err error, code Code) bool {
	var one *Fault
	if errors.As(err, &one) {
		return one.Code == code
	}
	var many Many
	if errors.As(err, &many) {
		for _, f := range many {
			if f.Code == code {
				return true
			}
		}
	}
	return false
}

type languageKey struct{}

// WithLanguage remembers the reader's language, "zh" or "en".
func WithLanguage(ctx context.Context, language string) context.Context {
	return context.WithValue(ctx, languageKey{}, language)
}

// Language tells the reader's language; English when nobody said.
func Language(ctx context.Context) string {
	if language, ok := ctx.Value(languageKey{}).(string); ok {
		return language
	}
	return "en"
}
