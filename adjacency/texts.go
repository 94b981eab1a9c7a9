package adjacency

import "sync"

// texts keep names, one behind the other in pieces of memory that nothing points into. What has been written stays.
type texts struct {
	mu     sync.RWMutex
	pieces []*[pieceBytes]byte
	filled int // of the last piece
}

const pieceBytes = 1 << 16

// text is where a name stands; the zero value is an empty one.
type text struct{ at, length uint32 }

// keep writes a name. One that is longer than a piece, or finds no room that a number leads to, does not fit.
func (t *texts) keep(name []byte) (text, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.pieces) == 0 || t.filled+len(name) > pieceBytes {
		if len(name) > pieceBytes || len(t.pieces) == 1<<32/pieceBytes {
			return text{}, errUnfit
		}
		t.pieces, t.filled = append(t.pieces, new([pieceBytes]byte)), 0
	}
	at := (len(t.pieces)-1)*pieceBytes + t.filled
	t.filled += copy(t.pieces[len(t.pieces)-1][t.filled:], name)
	return text{uint32(at), uint32(len(name))}, nil
}

// read gives a name.
func (t *texts) read(of text) string {
	if of.length == 0 {
		return ""
	}
	t.mu.RLock()
	piece := t.pieces[of.at/pieceBytes]
	t.mu.RUnlock()
	return string(piece[of.at%pieceBytes:][:of.length])
}

// is tells whether a name stands there.
func (t *texts) is(of text, name []byte) bool { return t.read(of) == string(name) }

func (t *texts) bytes() int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return len(t.pieces) * pieceBytes
}
