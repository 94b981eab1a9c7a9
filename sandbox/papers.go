package sandbox

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"guanxi/models"
)

// papers are the documents that go with an opportunity.
var papers = []struct{ category, name, suffix, mediaType, text string }{
	{"QUOTE", "报价单", ".md", "text/markdown", "# %[1]s 报价单\n\n客户：%[2]s\n日期：%[3]s\n版本：%[4]d\n\n| 产品 | 说明 |\n|---|---|\n| %[5]s | 含一年质保 |\n\n报价三十天内有效。\n"},
	{"PROPOSAL", "方案", ".md", "text/markdown", "# %[1]s 方案\n\n为 %[2]s 编写，%[3]s，第 %[4]d 版。\n\n1. 现状与需求\n2. %[5]s 的部署\n3. 实施计划：四周\n4. 培训与验收\n"},
	{"MINUTES", "会议纪要", ".txt", "text/plain", "%[1]s 会议纪要（%[3]s，第 %[4]d 稿）\n参会：%[2]s、珠江智能\n结论：继续推进 %[5]s，下周提交测试报告。\n"},
	{"CONTRACT", "合同", ".md", "text/markdown", "# 合同：%[1]s\n\n甲方：%[2]s\n乙方：珠江智能科技有限公司\n日期：%[3]s（第 %[4]d 版）\n\n标的：%[5]s\n"},
}

// document makes a paper with one or two revisions; some are for a few readers only.
func (w *work) document(d *deal) {
	c := w.papers
	at := c.workingHour(d.opened.Add(time.Duration(c.IntN(20*24))*time.Hour), w.until)
	if at.Before(d.opened) {
		at = d.opened
	}
	paper := papers[c.weigh([]float64{40, 30, 20, 10})]
	row := &models.Document{
		Name: d.client.short + paper.name + " " + d.main.short + paper.suffix, MediaType: paper.mediaType,
		CategoryID: some(entry(models.DocumentCategoryDictionary, paper.category)), CustomerID: d.CustomerID, OpportunityID: &d.ID,
	}
	row.ID = c.id(models.DocumentCode, at)
	row.OwnerID, row.CreatedBy, row.UploadedBy = d.OwnerID, &w.staff[d.seller].id, &w.staff[d.seller].id
	changed := at
	for revision := range 1 + c.weigh([]float64{75, 25}) {
		changed = at.Add(time.Duration(revision) * 26 * time.Hour)
		if changed.After(w.until) {
			break
		}
		w.revise(row, paper.text, d, changed)
	}
	row.Record = born(row.ID, at, row.UploadedAt, row.Revision)
	if c.yes(0.06) {
		w.restrict(row)
	}
	w.documents = append(w.documents, row)
}

// revise writes the next revision of a document and keeps its bytes.
func (w *work) revise(row *models.Document, text string, d *deal, at time.Time) {
	row.Revision++
	data := fmt.Appendf(nil, text, d.Title, d.client.short, models.DateOf(at.In(china)), row.Revision, d.main.name)
	sum := sha256.Sum256(data)
	row.Size, row.SHA256, row.UploadedAt = int64(len(data)), sum[:], at
	row.StorageKey = fmt.Sprintf("%s/%d", row.ID, row.Revision)
	revision := &models.DocumentRevision{
		DocumentID: row.ID, Revision: row.Revision, MediaType: row.MediaType, Size: row.Size, SHA256: row.SHA256,
		StorageKey: row.StorageKey, UploadedAt: at, UploadedBy: row.UploadedBy,
	}
	revision.ID = w.papers.id(models.DocumentRevisionCode, at)
	w.revisions = append(w.revisions, revision)
	if w.options.PutFile != nil && w.fileErr == nil {
		w.fileErr = w.options.PutFile(w.ctx, row.StorageKey, data)
	}
}

// restrict gives a document a list of its own: finance and the key accounts team.
func (w *work) restrict(row *models.Document) {
	row.Restricted = true
	w.readers = append(w.readers,
		&models.DocumentReader{DocumentID: row.ID, SubjectID: w.person("finance")},
		&models.DocumentReader{DocumentID: row.ID, SubjectID: w.departments["keyaccounts"].id, WithSubDepartments: true},
	)
}

func fillWords(words, product string) string { return strings.ReplaceAll(words, "%s", product) }
