package resolvers

import (
	"cmp"
	"context"
	"strings"

	"github.com/google/uuid"

	"guanxi/access"
	"guanxi/fault"
	"guanxi/loaders"
	"guanxi/models"
	"guanxi/store"
)

// historyOf gives a page of a record's history; of a deleted one by the door that it was found through.
func historyOf[F models.Keyed](ctx context.Context, s *store.Store, from F, kind *access.Kind, deleted bool, ask store.Ask) (*models.HistoryEntryConnection, error) {
	ask = ask.Latest()
	ask.Deleted = deleted
	return loaders.Page(ctx, s, from, "history", store.OfHistory, ask, store.HistoryOf(kind))
}

// changesIn gives what an entry tells; the changes of all entries that came with it are one batch.
func changesIn(ctx context.Context, entry *models.AuditEntry) ([]*models.HistoryChange, error) {
	id, b := entry.Key()
	if b == nil {
		b = models.NewBatch([]*models.AuditEntry{entry})
	}
	found, err := models.Fetch(ctx, b, "changes", func() (map[uuid.UUID][]*models.HistoryChange, error) {
		found, all := map[uuid.UUID][]*models.HistoryChange{}, []*models.HistoryChange{}
		for _, row := range b.Rows {
			key, _ := row.Key()
			found[key] = store.ChangesOf(row.(*models.AuditEntry))
			all = append(all, found[key]...)
		}
		models.NewBatch(all)
		for key, changes := range found {
			seen, err := seenIn(ctx, changes)
			if err != nil {
				return nil, err
			}
			found[key] = seen
		}
		return found, nil
	})
	return found[id], err
}

// seenIn leaves out references that the viewer sees neither before nor after: that there was one is not told either.
func seenIn(ctx context.Context, changes []*models.HistoryChange) ([]*models.HistoryChange, error) {
	seen := make([]*models.HistoryChange, 0, len(changes))
	for _, c := range changes {
		before, err := oldRecord(ctx, c)
		if err != nil {
			return nil, err
		}
		after, err := newRecord(ctx, c)
		if err != nil {
			return nil, err
		}
		if refers := c.OldID != nil || c.NewID != nil; !refers || before != nil || after != nil {
			seen = append(seen, c)
		}
	}
	return seen, nil
}

func oldRecord(ctx context.Context, change *models.HistoryChange) (models.Keyed, error) {
	return loaders.OneOf(ctx, change, "oldRecord", func(c *models.HistoryChange) *uuid.UUID { return c.OldID })
}

func newRecord(ctx context.Context, change *models.HistoryChange) (models.Keyed, error) {
	return loaders.OneOf(ctx, change, "newRecord", func(c *models.HistoryChange) *uuid.UUID { return c.NewID })
}

// noteChanges keeps for the access log which protected values an entry shows in full.
func noteChanges(ctx context.Context, entry *models.AuditEntry, changes []*models.HistoryChange) {
	kind, ok := access.Coded(models.KindOf(entry.RecordID))
	for _, c := range changes {
		if ok && c.Protected {
			access.Of(ctx).Note(kind.Model.Name()+"."+c.Field, entry.RecordID, 1)
		}
	}
}

// done says in words what the actions of entries are.
var done = map[string]fault.Sentence{
	"CREATE": fault.Say("Entered", "新建"), "UPDATE": fault.Say("Changed", "修改"), "DELETE": fault.Say("Deleted", "删除"), "RESTORE": fault.Say("Restored", "恢复"),
	"TRANSFER": fault.Say("Handed over", "转移"), "CLAIM": fault.Say("Claimed", "领取"), "RELEASE": fault.Say("Put into a pool", "放入公海"),
	"STAGE": fault.Say("Moved to another stage", "变更阶段"), models.Won: fault.Say("Won", "赢单"), models.Lost: fault.Say("Lost", "丢单"),
	models.Cancelled: fault.Say("Cancelled", "取消"), "REOPEN": fault.Say("Reopened", "重新打开"), "LINES": fault.Say("Lines changed", "修改产品行"),
	"ENCOUNTER": fault.Say("Encounters changed", "修改竞争记录"), "END": fault.Say("Ended", "终止"), "REVISE": fault.Say("New file", "更新文件"),
	"READERS": fault.Say("List of readers changed", "修改阅读名单"), "SHARE": fault.Say("Shared", "共享"), "UNSHARE": fault.Say("Share ended", "取消共享"),
	"FOLLOW": fault.Say("Went along to another customer", "随同变更客户"), "IMPORT": fault.Say("Imported", "导入"), "SIGN_IN": fault.Say("Signed in", "登录"), "VIEW_AS": fault.Say("Seen as by an administrator", "管理员以其视角查看"),
}

// summaryOf tells a change in a line: what was done, and to which fields. It holds no value.
func summaryOf(ctx context.Context, action string, changes []*models.HistoryChange) string {
	said, known := done[action]
	if !known {
		said = done["UPDATE"]
	}
	names := make([]string, len(changes))
	for i, c := range changes {
		names[i] = c.Field
	}
	language := fault.Language(ctx)
	if len(names) == 0 || action == "CREATE" {
		return said.In(language)
	}
	return said.In(language) + cmp.Or(map[string]string{"zh": "："}[language], ": ") + strings.Join(names, ", ")
}
