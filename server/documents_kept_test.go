package server

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"guanxi/access"
	"guanxi/models"
)

// TestKeptDocumentsAreBoundedByTheirBytes keeps far more than may be kept: the latest are there, in no more than their room.
func TestKeptDocumentsAreBoundedByTheirBytes(t *testing.T) {
	t.Parallel()
	for size, most := range map[int]int{longestDocument: documentBytes / longestDocument, 100: documentsKept} {
		d := newDocuments()
		text := func(i int) string { return fmt.Sprintf("%0*d", size, i) }
		for i := range 2 * documentsKept {
			d.keep(&document{text: text(i)})
			d.keep(&document{text: text(i)})
		}
		if d.kept.Len() != most || d.bytes != most*size {
			t.Errorf("of %d bytes each %d are kept, said to be %d bytes", size, d.kept.Len(), d.bytes)
		}
		_, latest := d.known(text(2*documentsKept - 1))
		if _, first := d.known(text(0)); first || !latest {
			t.Errorf("of %d bytes each the latest is kept: %v, the first: %v", size, latest, first)
		}
	}
	d := newDocuments()
	d.keep(&document{text: strings.Repeat("x", longestDocument+1)})
	d.keep(&document{})
	if d.kept.Len() != 0 || d.bytes != 0 {
		t.Errorf("%d are kept", d.kept.Len())
	}
}

// TestStrangersDocumentsAreNotKept asks as nobody, and as somebody, what may be answered and what may not.
func TestStrangersDocumentsAreNotKept(t *testing.T) {
	t.Parallel()
	somebody := access.System("a user's documents are kept", time.Now(), models.Company{})
	for text, want := range map[string]int{"{ __typename }": 1, "{ nonsense }": 0} {
		for kept, viewer := range []*access.Viewer{access.Nobody(time.Now()), somebody} {
			e := bare()
			a, err := e.prepare(request{RawParams: sent(t, text, "{}")})
			if err != nil {
				t.Fatal(err)
			}
			e.run(t.Context(), reader{viewer: viewer}, a)
			if n := e.documents.kept.Len(); n != kept*want {
				t.Errorf("%s: %d are kept", text, n)
			}
		}
	}
}
