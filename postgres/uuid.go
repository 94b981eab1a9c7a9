package postgres

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// Ids are most of what goes to the database and comes back. They travel as their sixteen bytes; by themselves they would be written
// as text and read again on every way.

// knowIDs teaches a connection to send and receive ids.
func knowIDs(_ context.Context, conn *pgx.Conn) error {
	m := conn.TypeMap()
	id := &pgtype.Type{Name: "uuid", OID: pgtype.UUIDOID, Codec: idCodec{}}
	m.RegisterType(id)
	m.RegisterType(&pgtype.Type{Name: "_uuid", OID: pgtype.UUIDArrayOID, Codec: idsCodec{&pgtype.ArrayCodec{ElementType: id}}})
	return nil
}

type idCodec struct{ pgtype.UUIDCodec }

func (c idCodec) PlanEncode(m *pgtype.Map, oid uint32, format int16, value any) pgtype.EncodePlan {
	if _, is := value.(uuid.UUID); is && format == pgtype.BinaryFormatCode {
		return sendID{}
	}
	return c.UUIDCodec.PlanEncode(m, oid, format, value)
}

func (c idCodec) PlanScan(m *pgtype.Map, oid uint32, format int16, target any) pgtype.ScanPlan {
	if format == pgtype.BinaryFormatCode {
		switch target.(type) {
		case *uuid.UUID:
			return takeID{}
		case **uuid.UUID:
			return takeIDOrNone{}
		}
	}
	return c.UUIDCodec.PlanScan(m, oid, format, target)
}

type idsCodec struct{ *pgtype.ArrayCodec }

func (c idsCodec) PlanEncode(m *pgtype.Map, oid uint32, format int16, value any) pgtype.EncodePlan {
	if _, is := value.([]uuid.UUID); is && format == pgtype.BinaryFormatCode {
		return sendIDs{}
	}
	return c.ArrayCodec.PlanEncode(m, oid, format, value)
}

func (c idsCodec) PlanScan(m *pgtype.Map, oid uint32, format int16, target any) pgtype.ScanPlan {
	if _, is := target.(*[]uuid.UUID); is && format == pgtype.BinaryFormatCode {
		return takeIDs{}
	}
	return c.ArrayCodec.PlanScan(m, oid, format, target)
}

var errID = errors.New("an id from the database has not sixteen bytes")

type sendID struct{}

func (sendID) Encode(value any, to []byte) ([]byte, error) {
	id := value.(uuid.UUID)
	return append(to, id[:]...), nil
}

// takeID leaves an id as it is where there is none.
type takeID struct{}

func (takeID) Scan(from []byte, into any) error {
	if from == nil {
		return nil
	}
	if len(from) != len(uuid.UUID{}) {
		return errID
	}
	copy(into.(*uuid.UUID)[:], from)
	return nil
}

type takeIDOrNone struct{}

func (takeIDOrNone) Scan(from []byte, into any) error {
	to := into.(**uuid.UUID)
	if from == nil {
		*to = nil
		return nil
	}
	*to = new(uuid.UUID)
	return takeID{}.Scan(from, *to)
}

type sendIDs struct{}

// Encode writes how many dimensions there are, whether there are nulls, of what the array is, its length and where it begins; then
// each id with its length.
func (sendIDs) Encode(value any, to []byte) ([]byte, error) {
	ids := value.([]uuid.UUID)
	if ids == nil {
		return nil, nil
	}
	dimensions := uint32(min(1, len(ids)))
	to = binary.BigEndian.AppendUint32(to, dimensions)
	to = binary.BigEndian.AppendUint32(to, 0)
	to = binary.BigEndian.AppendUint32(to, pgtype.UUIDOID)
	if dimensions > 0 {
		to = binary.BigEndian.AppendUint32(to, uint32(len(ids)))
		to = binary.BigEndian.AppendUint32(to, 1)
	}
	for i := range ids {
		to = binary.BigEndian.AppendUint32(to, uint32(len(ids[i])))
		to = append(to, ids[i][:]...)
	}
	return to, nil
}

type takeIDs struct{}

func (takeIDs) Scan(from []byte, into any) error {
	to := into.(*[]uuid.UUID)
	if from == nil {
		*to = nil
		return nil
	}
	read := func() uint32 {
		if len(from) < 4 {
			return 0
		}
		n := binary.BigEndian.Uint32(from)
		from = from[4:]
		return n
	}
	dimensions, _, _ := read(), read(), read()
	if dimensions > 1 {
		return fmt.Errorf("a list of ids from the database has %d dimensions", dimensions)
	}
	n := 0
	if dimensions == 1 {
		n = int(read())
		read()
	}
	if n < 0 || n > len(from)/4 {
		return errID
	}
	ids := make([]uuid.UUID, n)
	for i := range ids {
		length := int32(read())
		if length < 0 {
			continue // null
		}
		if int(length) != len(ids[i]) || len(from) < len(ids[i]) {
			return errID
		}
		from = from[copy(ids[i][:], from):]
	}
	*to = ids
	return nil
}
