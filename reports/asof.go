package reports

import (
	"strings"
	"time"

	"guanxi/access"
	"guanxi/fault"
)

// thenSentence says what a report as of an earlier instant is over.
var thenSentence = say(
	" As of an earlier instant: each record, its customer, the competitors met, its lines and what it refers to has the values that were recorded by then, whatever day they were dated; what was entered since, was deleted then or is deleted today is left out. Rights, owners' departments and names are those of today, and so are other records that are filtered by. Amounts not closed then are converted at that day's rate, with the rates that are known today. A record that was loaded without a history has, until its first change, the values that it was loaded with.",
	"按较早时点：每条记录、其客户、所遇竞争对手、明细及所引用内容均取该时点前已录入的值，不论其填报日期；此后录入、当时已删除或今日已删除的不计入。权限、负责人部门与名称以今日为准，筛选所涉的其他记录亦同。当时未结束的金额按当日汇率折算，汇率取今日已知者。未带历史载入的记录，在首次修改之前取其载入时的值。")

// checkInstant refuses an instant to come, whose numbers would be others later, and datasets whose history is not kept.
func (p *plan) checkInstant() error {
	switch {
	case p.AsOf == nil:
		return nil
	case !p.dataset.asOf:
		return fault.Deny(fault.BadInput, fault.Say("This report cannot be asked as of an earlier instant.", "此报表不能按较早时点查询。")).At("asOf")
	case p.AsOf.After(p.viewer.Now):
		return fault.Deny(fault.BadInput, fault.Say("Nothing is recorded yet at an instant to come.", "将来的时点尚无记录。")).At("asOf")
	}
	return nil
}

// visible renders the source of what the viewer sees of a kind, with the values of the instant that is asked about.
func (s *statement) visible(kind *access.Kind, alias string) string {
	if s.AsOf == nil || !access.Remembered(kind) {
		return s.q.Gathered(kind, alias)
	}
	ids := ""
	if kind == s.dataset.Kind {
		ids = s.among
	}
	return s.q.VisibleThen(kind, alias, s.instant(), ids)
}

// joined renders the source of what the viewer sees of a kind where facts are joined to it. What parts are joined to as of an instant is
// read once: the planner, which knows nothing of a history, would read it again for each part.
func (s *statement) joined(kind *access.Kind, alias string) string {
	if s.AsOf == nil || s.dataset.Kind.Guard != access.PartOf || !access.Remembered(kind) {
		return s.visible(kind, alias)
	}
	name := kind.Table + "_then"
	if _, has := s.places[name]; !has {
		s.places[name] = name
		s.before = append(s.before, name+" as materialized (select * from "+s.visible(kind, "v")+")")
	}
	return name + " as " + alias
}

// lookedUp renders the same where it is read for each fact: the changes of one opportunity, by their index, and stages, of which there are few.
func (s *statement) lookedUp(kind *access.Kind, alias string) string {
	switch {
	case s.AsOf == nil:
		return s.q.Visible(kind, alias)
	case kind == access.StageChange:
		return s.visible(kind, alias)
	}
	return s.joined(kind, alias)
}

// first renders what is read once before the facts.
func (s *statement) first() string {
	if s.before == nil {
		return ""
	}
	return "with " + strings.Join(s.before, ", ") + "\n  "
}

// instant is the one that is asked about.
func (s *statement) instant() string {
	place, has := s.places["as of"]
	if !has {
		place = s.q.Bind(*s.AsOf) + "::timestamptz"
		s.places["as of"] = place
	}
	return place
}

// now is the same, or the moment of the question.
func (s *statement) now() string {
	if s.AsOf == nil {
		return "@now"
	}
	return s.instant()
}

// today is the company's day of the instant that is asked about.
func (s *statement) today() string {
	if s.AsOf == nil {
		return "@today"
	}
	return s.homeDay(s.instant())
}

// localToday is the day of the same instant in the report's zone, which ages are counted to as days are counted there.
func (s *statement) localToday() string {
	if s.calendar.zone == s.viewer.Zone().String() {
		return s.today()
	}
	return "(" + s.now() + " at time zone " + s.zone() + ")::date"
}

// entered renders that a fact, or the opportunity that it is a part of, was entered by the instant that is asked about.
func (s *statement) entered() []string {
	switch {
	case s.AsOf == nil:
		return nil
	case s.dataset.Kind.Guard == access.PartOf:
		return []string{"o.created_at <= " + s.instant()}
	}
	return []string{s.dataset.Alias + ".created_at <= " + s.instant()}
}

// beside tells a filter on parts as of an earlier instant where the opportunity stands as it was then; of now, it finds it by itself.
func (s *statement) beside() map[string]string {
	if s.AsOf == nil || s.dataset.Kind.Guard != access.PartOf {
		return nil
	}
	return map[string]string{"opportunity": s.dataset.source("opportunity").alias}
}

// AsOf is the instant that the row was asked for; nil for now.
func (r *Row) AsOf() *time.Time { return r.report.plan.AsOf }

// AsOf is the same of what is told of competitors.
func (row *CompetitorReportRow) AsOf() *time.Time { return row.report.plan.AsOf }

func (row *CompetitorBreakdownRow) AsOf() *time.Time { return row.cells.report.plan.AsOf }

func (u *UnattributedLosses) AsOf() *time.Time { return u.report.plan.AsOf }

func (l *LossReasonCount) AsOf() *time.Time { return l.group.AsOf() }
