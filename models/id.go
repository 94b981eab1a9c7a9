package models

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
)

// KindCode is the last byte of an id and says what kind of record the id belongs to, so that one id space serves all
// kinds: node lookup, parties and subjects need no second column.
type KindCode byte

// The kind codes. A code is never reused for another kind.
const (
	UserCode             KindCode = 0x01
	DepartmentCode       KindCode = 0x02
	GroupCode            KindCode = 0x03
	RoleCode             KindCode = 0x04
	MembershipCode       KindCode = 0x05
	GrantCode            KindCode = 0x06
	ShareCode            KindCode = 0x07
	APITokenCode         KindCode = 0x08
	SessionCode          KindCode = 0x09
	CustomerCode         KindCode = 0x10
	ContactCode          KindCode = 0x11
	CompetitorCode       KindCode = 0x12
	RelationshipTypeCode KindCode = 0x13
	RelationshipCode     KindCode = 0x14
	ProductCode          KindCode = 0x20
	PipelineCode         KindCode = 0x21
	StageCode            KindCode = 0x22
	OpportunityCode      KindCode = 0x23
	OpportunityLineCode  KindCode = 0x24
	StageChangeCode      KindCode = 0x25
	EncounterCode        KindCode = 0x26
	ServiceCode          KindCode = 0x30
	DocumentCode         KindCode = 0x31
	ActivityCode         KindCode = 0x32
	DocumentRevisionCode KindCode = 0x33
	SavedReportCode      KindCode = 0x34
	DashboardCode        KindCode = 0x35
	DictionaryCode       KindCode = 0x40
	DictionaryEntryCode  KindCode = 0x41
	PoolCode             KindCode = 0x42
	AuditEntryCode       KindCode = 0x50
	ExternalKeyCode      KindCode = 0x51
	AccessLogEntryCode   KindCode = 0x52
	JobCode              KindCode = 0x60
)

// CompanyID is the id of the one row that describes the company.
var CompanyID = uuid.MustParse("00000000-0000-7000-8000-000000000000")

// NewID returns a fresh UUIDv7 of the kind, ordered by the time it was made.
func NewID(kind KindCode) uuid.UUID {
	id, err := uuid.NewV7()
	if err != nil {
		panic(fmt.Sprintf("no randomness for an id: %v", err))
	}
	id[15] = byte(kind)
	return id
}

// NewIDAt returns a UUIDv7 of the kind for the instant, with its random bits read from the source: the same source
// gives the same ids.
func NewIDAt(kind KindCode, at time.Time, source io.Reader) uuid.UUID {
	var id uuid.UUID
	if source == nil {
		source = rand.Reader
	}
	if _, err := io.ReadFull(source, id[6:]); err != nil {
		panic(fmt.Sprintf("no randomness for an id: %v", err))
	}
	var stamp [8]byte
	binary.BigEndian.PutUint64(stamp[:], uint64(at.UnixMilli()))
	copy(id[:6], stamp[2:])
	id[6] = id[6]&0x0f | 0x70
	id[8] = id[8]&0x3f | 0x80
	id[15] = byte(kind)
	return id
}

// KindOf tells the kind of record that the id belongs to; an id that was never issued may name no kind at all.
func KindOf(id uuid.UUID) KindCode { return KindCode(id[15]) }

// CompareIDs orders ids.
func CompareIDs(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }

// SortIDs puts ids in their order in place, and gives each once.
func SortIDs(ids []uuid.UUID) []uuid.UUID {
	slices.SortFunc(ids, CompareIDs)
	return slices.Compact(ids)
}

// OrNil gives the id that a reference holds, the one never issued for none.
func OrNil(id *uuid.UUID) uuid.UUID {
	if id == nil {
		return uuid.Nil
	}
	return *id
}

// MarshalID writes an id as the API shows it.
func MarshalID(id uuid.UUID) graphql.Marshaler {
	return graphql.WriterFunc(func(w io.Writer) { io.WriteString(w, strconv.Quote(id.String())) })
}

// UnmarshalID reads an id. Text that is no id reads as the id that was never issued: the asker learns nothing from the
// difference.
func UnmarshalID(v any) (uuid.UUID, error) {
	text, ok := v.(string)
	if !ok || len(text) != 36 {
		return uuid.Nil, nil
	}
	id, err := uuid.Parse(text)
	if err != nil {
		return uuid.Nil, nil
	}
	return id, nil
}
