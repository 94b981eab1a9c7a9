package resolvers

import (
	"strconv"

	"github.com/google/uuid"

	"guanxi/fault"
	"guanxi/graph"
	"guanxi/models"
	"guanxi/store"
)

// affiliationOf decodes what a new contact is at a customer.
func affiliationOf(input map[string]any) store.Affiliation {
	var at store.Affiliation
	at.Customer, _ = input["customer"].(*uuid.UUID)
	at.Role, _ = input["role"].(*string)
	at.Title, _ = input["title"].(*string)
	at.Primary, _ = input["primary"].(bool)
	return at
}

// documentFields are a new document's fields beside the file.
func documentFields(input graph.DocumentCreateInput) map[string]any {
	fields := map[string]any{"category": input.Category, "customer": input.Customer, "opportunity": input.Opportunity, "service": input.Service}
	if input.Name != nil {
		fields["name"] = *input.Name
	}
	if input.Owner != nil {
		fields["owner"] = *input.Owner
	}
	return fields
}

// readersOf decodes a document's list.
func readersOf(input []*graph.SubjectInput) ([]models.DocumentReader, error) {
	list := make([]models.DocumentReader, len(input))
	for i, one := range input {
		named := 0
		if one.User != nil {
			list[i].SubjectID, named = *one.User, named+1
		}
		if one.Group != nil {
			list[i].SubjectID, named = *one.Group, named+1
		}
		if one.Department != nil {
			list[i].SubjectID, list[i].WithSubDepartments, named = one.Department.ID, one.Department.WithSubDepartments, named+1
		}
		if named != 1 {
			return nil, fault.Refuse(fault.Invalid, fault.Say("Name exactly one of department, user, group.", "请在 department、user、group 中恰好选一个。")).At("input", "readers", strconv.Itoa(i))
		}
	}
	return list, nil
}
