package main

import (
	"os"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// bar shows how far something is, on a terminal; elsewhere it is silent.
type bar struct {
	p     *Program
	unit  string
	drawn *progressbar.ProgressBar
	total int64
}

func (p *Program) bar(unit string) *bar { return &bar{p: p, unit: unit} }

// to moves the bar.
func (b *bar) to(done, total int64) {
	if !b.p.terminal() {
		return
	}
	if b.drawn == nil || b.total != total {
		b.total = total
		b.drawn = progressbar.NewOptions64(total, progressbar.OptionSetWriter(b.p.Err), progressbar.OptionShowCount(), progressbar.OptionShowIts(),
			progressbar.OptionSetItsString(b.unit), progressbar.OptionSetWidth(30), progressbar.OptionThrottle(100_000_000), progressbar.OptionSetPredictTime(true))
	}
	_ = b.drawn.Set64(done)
}

// end leaves the line of the bar.
func (b *bar) end() {
	if b.drawn != nil {
		_ = b.drawn.Finish()
		b.p.say("")
	}
}

// terminal tells whether people read Err on a terminal.
func (p *Program) terminal() bool {
	file, ok := p.Err.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}
