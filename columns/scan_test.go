package columns

import (
	"errors"
	"testing"

	"guanxi/access"
)

// TestAPanicOfAWorkerIsRaisedWhereItIsWaitedFor counts what is not there: the panic of a worker would end the server.
func TestAPanicOfAWorkerIsRaisedWhereItIsWaitedFor(t *testing.T) {
	t.Parallel()
	defer func() {
		var met *access.Panic
		if cause, _ := recover().(error); !errors.As(cause, &met) || len(met.Stack) == 0 {
			t.Errorf("raised is %v", cause)
		}
	}()
	(&scan{View: &View{sight: &sight{}}, Question: &Question{}}).work([]span{{until: 1}}, 1)
}
