package importer

import (
	"guanxi/fault"
	"guanxi/models"
)

func newService(_ *chunk, w *work) error {
	s := w.row.(*models.Service)
	s.Kind, s.Status, s.Priority = "OTHER", models.Open, "NORMAL"
	return nil
}

// finishService holds a service against the same rules as the mutations; when one was closed is the source's to say.
func (c *chunk) finishService(w *work) error {
	s, before := w.row.(*models.Service), &models.Service{}
	if was, ok := w.rowBefore.(*models.Service); ok {
		before = was
	}
	if closed := s.Status == "CLOSED" || s.Status == models.Cancelled; closed && s.ClosedAt == nil {
		w.wrong("closedAt", fault.Say("empty, but it is closed (%s)", "为空，但服务已关闭（%s）", s.Status))
		return nil
	}
	if err := w.take(c.tx.SettleService(before, s)); err != nil || w.isNew() {
		return err
	}
	return w.take(c.tx.ReattachService(before, s))
}

func newActivity(_ *chunk, w *work) error {
	w.row.(*models.Activity).Kind = "NOTE"
	return nil
}

// finishActivity holds an activity against the same rules as the mutations.
func (c *chunk) finishActivity(w *work) error {
	before, ok := w.rowBefore.(*models.Activity)
	if !ok {
		before = &models.Activity{}
	}
	return w.take(c.tx.SettleActivity(before, w.row.(*models.Activity)))
}

// take notes what the store refuses as problems of the row.
func (w *work) take(err error) error {
	refused, err := fault.Refusals(err)
	for _, f := range refused {
		w.problems = append(w.problems, problemOf(w.Row, f))
	}
	return err
}
