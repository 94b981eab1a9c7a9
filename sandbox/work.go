package sandbox

import (
	"math"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"guanxi/models"
)

// work is what happens around the opportunities: activities, services, documents.
type work struct {
	*firm
	calls, repairs, papers chance

	paperwork  float64 // how likely an opportunity has a document
	activities []*models.Activity
	services   []*models.Service
	documents  []*models.Document
	revisions  []*models.DocumentRevision
	readers    []*models.DocumentReader
	fileErr    error // the first file that could not be kept
}

const mostDocuments = 4_000 // in a company of any size: each is a file

func newWork(f *firm) *work {
	return &work{
		firm: f, calls: f.chance("activities"), repairs: f.chance("services"), papers: f.chance("documents"),
		paperwork: min(0.09, mostDocuments/float64(f.nOpportunities)),
	}
}

// around makes what happened around an opportunity; the customers of the stories are seen most.
func (w *work) around(d *deal) {
	lively := d.client == &w.clients[0]
	calls := w.calls.weigh([]float64{42, 34, 16, 8})
	if lively {
		calls++
	}
	for at := range calls {
		w.activity(d, at, calls)
	}
	if d.Status == models.Won && w.repairs.yes(0.36) || lively && w.repairs.yes(0.3) {
		w.service(d)
	}
	if w.papers.yes(w.paperwork) || lively && w.papers.yes(0.25) {
		w.document(d)
	}
}

// ways of following up, each with what one writes about it; %s is the product.
var followUps = []struct{ kind, words string }{
	{"CALL", "电话沟通%s需求，客户希望本月内看到方案"}, {"CALL", "客户询问%s交期，已答复四周"}, {"CALL", "电话回访，%s运行正常"},
	{"VISIT", "上门演示%s，车间主任很感兴趣"}, {"VISIT", "现场勘查，%s安装位置已确认"}, {"VISIT", "拜访总经理，预算下季度批复"},
	{"MEETING", "与采购部开会讨论%s付款条件"}, {"MEETING", "技术交流会，对手也在场，客户关注售后"}, {"MAIL", "已发%s报价单与授权书"},
	{"MAIL", "Sent the revised offer for %s, waiting for feedback"}, {"MESSAGE", "微信：客户问%s能否先试用两周"}, {"MESSAGE", "节日问候，约下周喝茶"},
	{"NOTE", "竞争对手报价比我们低一成，需申请特价"}, {"NOTE", "客户内部还在比选，关键人是信息部主任"}, {"TASK", "准备%s测试报告"},
}

// activity makes one of several follow-ups, in order over the time of the opportunity.
func (w *work) activity(d *deal, place, all int) {
	c := w.calls
	end := d.closed
	if end.IsZero() {
		end = w.until
	}
	gap := float64(end.Sub(d.opened)) / float64(all+1)
	at := d.opened.Add(time.Duration(gap * (float64(place) + c.Float64()))).Truncate(time.Second)
	words := pick(c, followUps)
	row := &models.Activity{
		Kind: words.kind, Summary: fillWords(words.words, d.main.short), HappenedAt: at,
		CustomerID: d.CustomerID, OpportunityID: &d.ID, ContactID: knownID(d.client.contact),
	}
	row.Record = born(c.id(models.ActivityCode, at), at, at, 1)
	row.OwnerID, row.CreatedBy = d.OwnerID, &w.staff[d.seller].id
	if d.Status == models.Open && place == all-1 && c.yes(0.75) {
		row.NextFollowUpOn = dateOf(w.until.AddDate(0, 0, c.between(-9, 21)))
	}
	w.activities = append(w.activities, row)
}

var troubles = []struct{ kind, words string }{
	{"REPAIR", "%s无法开机"}, {"REPAIR", "%s通信中断"}, {"REPAIR", "%s数据丢包"}, {"MAINTENANCE", "%s季度保养"}, {"MAINTENANCE", "%s固件升级"},
	{"INSTALLATION", "%s现场安装调试"}, {"COMPLAINT", "投诉%s响应慢"}, {"CONSULTATION", "咨询%s扩容方案"}, {"RETURN_VISIT", "%s使用回访"}, {"OTHER", "索取%s发票与合格证"},
}

// service makes something done after the sale, by the people of the service department.
func (w *work) service(d *deal) {
	c := w.repairs
	since := d.closed
	if since.IsZero() {
		since = d.opened
	}
	at := c.workingHour(since.Add(time.Duration(c.Float64()*float64(w.until.Sub(since)))), w.until)
	if at.Before(since) {
		at = since
	}
	words := pick(c, troubles)
	helper, clerk := w.helper(c), w.helper(c)
	row := &models.Service{
		Title: fillWords(words.words, d.main.short), Kind: words.kind, Status: "OPEN", Priority: []string{"LOW", "NORMAL", "HIGH", "URGENT"}[c.weigh([]float64{15, 55, 22, 8})],
		CustomerID: d.CustomerID, OpportunityID: &d.ID, ContactID: knownID(d.client.contact), AssigneeID: &helper.id, OpenedAt: at, DueAt: some(at.AddDate(0, 0, 1+c.IntN(7))),
	}
	row.OwnerID, row.CreatedBy = &clerk.id, &clerk.id
	changed, version := w.progressOf(row)
	row.Record = born(c.id(models.ServiceCode, at), at, changed, version)
	w.services = append(w.services, row)
}

// progressOf says how far a service has come, what it cost, and when it last changed.
func (w *work) progressOf(row *models.Service) (changed time.Time, version int) {
	c := w.repairs
	done := row.OpenedAt.Add(time.Duration(c.around(50, 0.8) * float64(time.Hour))).Truncate(time.Second)
	switch {
	case done.Before(w.until):
		row.Status, row.ClosedAt = "CLOSED", &done
		if c.yes(0.05) {
			row.Status = "CANCELLED"
		} else if c.yes(0.7) {
			row.Cost, row.Currency = some(decimal.NewFromFloat(math.Round(c.around(650, 0.9)))), some("CNY")
		}
		return done, 2
	case w.until.Sub(row.OpenedAt) > 6*time.Hour:
		row.Status = "IN_PROGRESS"
		return row.OpenedAt.Add(time.Hour), 2
	}
	return row.OpenedAt, 1
}

func (w *work) helper(c chance) *employee {
	var helpers []*employee
	for _, e := range w.staff[:len(cast)] {
		if e.service {
			helpers = append(helpers, e)
		}
	}
	return pick(c, helpers)
}

func knownID(id uuid.UUID) *uuid.UUID {
	if id == uuid.Nil {
		return nil
	}
	return &id
}

func (w *work) write() error {
	for _, step := range []func() error{
		func() error { return copyAll(w.firm, w.services) }, func() error { return copyAll(w.firm, w.activities) },
		func() error { return copyAll(w.firm, w.documents) }, func() error { return copyAll(w.firm, w.revisions) }, func() error { return copyAll(w.firm, w.readers) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	w.activities, w.services, w.documents, w.revisions, w.readers = nil, nil, nil, nil, nil
	return w.fileErr
}
