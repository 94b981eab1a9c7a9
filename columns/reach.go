package columns

import (
	"cmp"
	"iter"
	"slices"
	"sync"
)

// reached tells where in a segment the rows are that somebody may see: by their customers' owners, as they are sorted; by
// their own owners, where these are others; and by customer.
type reached struct {
	runs   []run // of customers' owners
	strays []run // of owners, over those rows whose customer has another
	stray  []uint32
	firsts []uint32 // the first row of each customer, sorted by customer; nil in a small segment
}

// run is the rows of one owner, or their places in a list.
type run struct{ owner, from, until uint32 }

// fewRows is how many rows are looked through for a customer's; a longer segment knows where they begin.
const fewRows = 4096

func (s *segment) reach() reached {
	r := reached{}
	owners, customers := &s.narrow[Owner], &s.narrow[CustomerOwner]
	for row := range uint32(s.len()) {
		if owners.at(row) != customers.at(row) {
			r.stray = append(r.stray, row)
		}
		if n := len(r.runs); n > 0 && r.runs[n-1].owner == customers.at(row) {
			r.runs[n-1].until++
			continue
		}
		r.runs = append(r.runs, run{customers.at(row), row, row + 1})
	}
	r.stray = slices.Clip(r.stray)
	slices.SortFunc(r.stray, func(a, b uint32) int { return cmp.Or(cmp.Compare(owners.at(a), owners.at(b)), cmp.Compare(a, b)) })
	for i, row := range r.stray {
		if n := len(r.strays); n > 0 && r.strays[n-1].owner == owners.at(row) {
			r.strays[n-1].until++
			continue
		}
		r.strays = append(r.strays, run{owners.at(row), uint32(i), uint32(i) + 1})
	}
	if s.len() > fewRows {
		r.firsts = s.customersFirst()
	}
	return r
}

func (s *segment) customersFirst() []uint32 {
	var firsts []uint32
	for row := range uint32(s.len()) {
		if row == 0 || s.customer.at(row) != s.customer.at(row-1) {
			firsts = append(firsts, row)
		}
	}
	slices.SortFunc(firsts, func(a, b uint32) int { return cmp.Compare(s.customer.at(a), s.customer.at(b)) })
	return slices.Clip(firsts)
}

func (r *reached) bytes() int { return 12*(len(r.runs)+len(r.strays)) + 4*(len(r.stray)+len(r.firsts)) }

// ofCustomer lists the rows of a customer.
func (s *segment) ofCustomer(customer uint32, each func(row uint32)) {
	if s.firsts == nil {
		for row := range uint32(s.len()) {
			if s.customer.at(row) == customer {
				each(row)
			}
		}
		return
	}
	at, has := slices.BinarySearchFunc(s.firsts, customer, func(row, of uint32) int { return cmp.Compare(s.customer.at(row), of) })
	if !has {
		return
	}
	for row := s.firsts[at]; int(row) < s.len() && s.customer.at(row) == customer; row++ {
		each(row)
	}
}

// span is rows of a part to look at: those from one until before another, or a list.
type span struct {
	part        int
	from, until int
	rows        []uint32
	check       bool    // whether each is seen is still to be asked
	chosen      bool    // they are those that count, without being asked
	met         meeting // the encounter that each of the list is, where these are counted
}

func (s *span) len() int {
	if s.rows != nil {
		return len(s.rows)
	}
	return s.until - s.from
}

// reaching are the rows of each part of a view that its viewer sees, found when they are asked for first.
type reaching struct {
	begin sync.Once
	parts []reachedPart
}

type reachedPart struct {
	once, lost sync.Once
	spans      []span
	gone       span
}

func (v *View) reached(at int) *reachedPart {
	v.reaching.begin.Do(func() { v.reaching.parts = make([]reachedPart, len(v.version.parts)) })
	r := &v.reaching.parts[at]
	r.once.Do(func() { r.spans = v.inPart(at) })
	return r
}

// spans gives the rows that the viewer sees and that are to be looked at, each once, but of parts that reach into the period alone.
func (s *scan) spans(of over) iter.Seq[span] {
	from, until := 0, len(s.version.parts)
	switch {
	case s.sight.nothing:
		until = 0
	case of == news:
		from = s.version.bases
	case of != all:
		until = s.version.bases
	}
	return func(yield func(span) bool) {
		for at := from; at < until; at++ {
			if s.outside(s.version.parts[at].segment) {
				continue
			}
			list := s.reached(at).spans
			if of == gone {
				list = s.lost(at)
			}
			for _, one := range list {
				if !yield(one) {
					return
				}
			}
		}
	}
}

// inPart lists the rows of a part that the viewer sees, each once, beginning with whose they are.
func (v *View) inPart(at int) []span {
	p := v.version.parts[at]
	if v.sight.everything {
		return []span{{part: at, until: p.len()}}
	}
	list := v.sight.runs(nil, at, p.segment)
	if rows := v.sight.besides(p.segment); len(rows) > 0 {
		list = append(list, span{part: at, rows: rows})
	}
	return list
}

// runs adds what is reached through the owners of customers.
func (s *sight) runs(list []span, at int, p *segment) []span {
	for _, r := range p.runs {
		of := s.custOwner[r.owner]
		if !s.goes(r.owner) {
			continue
		}
		next := span{part: at, from: int(r.from), until: int(r.until), check: r.owner == 0 || of&opens == 0 && !(of&reaches != 0 && s.allSpared)}
		if n := len(list); n > 0 && list[n-1].part == at && list[n-1].until == next.from && list[n-1].check == next.check {
			list[n-1].until = next.until
			continue
		}
		list = append(list, next)
	}
	return list
}

// goes tells whether the rows of a customer's owner are looked at one after the other.
func (s *sight) goes(custOwner uint32) bool {
	return s.custOwner[custOwner]&(opens|reaches) != 0 || s.owner[custOwner]&seen != 0
}

// besides lists what else is seen: owners' rows at the customers of others, those of customers that are shared, and those
// that are shared themselves.
func (s *sight) besides(p *segment) []uint32 {
	var rows []uint32
	for _, r := range p.strays {
		if s.owner[r.owner]&seen == 0 {
			continue
		}
		for _, row := range p.stray[r.from:r.until] {
			if !s.goes(p.narrow[CustomerOwner].at(row)) {
				rows = append(rows, row)
			}
		}
	}
	for _, customer := range s.opened {
		p.ofCustomer(customer, func(row uint32) {
			if !s.seesByOwners(p, row) {
				rows = append(rows, row)
			}
		})
	}
	for key := range s.shares {
		row, has := p.row(key)
		if has && !s.seesByOwners(p, row) && !s.opensCustomer(p.customer.at(row)) {
			rows = append(rows, row)
		}
	}
	return rows
}
