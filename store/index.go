package store

import (
	"guanxi/models"
	"guanxi/search"
)

// index fills in what a record is found by.
func index(row any) {
	switch r := row.(type) {
	case *models.User:
		r.SearchTerms, r.SearchText = search.Name(r.Name, r.Login)
	case *models.Department:
		r.SearchTerms, r.SearchText = search.Name(r.Name)
	case *models.Group:
		r.SearchTerms, r.SearchText = search.Name(r.Name)
	case *models.Pool:
		r.SearchTerms, r.SearchText = search.Name(r.Name)
	case *models.SavedReport:
		r.SearchTerms, r.SearchText = search.Name(r.Name)
	case *models.Dashboard:
		r.SearchTerms, r.SearchText = search.Name(r.Title)
	case *models.Competitor:
		r.SearchTerms, r.SearchText = search.Name(r.Name)
	case *models.Product:
		r.SearchTerms, r.SearchText = search.Name(r.Name, text(r.Code))
	case *models.Customer:
		r.SearchTerms, r.SearchText = search.Name(r.Name)
		r.PhoneTerms = phoneTerms(r.Phone)
	case *models.Contact:
		r.SearchTerms, r.SearchText = search.Name(r.Name)
		r.PhoneTerms = phoneTerms(r.Phone)
	case *models.Opportunity:
		r.SearchTerms, r.SearchText = search.Name(r.Title)
	case *models.Service:
		r.SearchTerms, r.SearchText = search.Name(r.Title)
	case *models.Document:
		r.SearchTerms, r.SearchText = search.Name(r.Name)
	case *models.Activity:
		r.SearchTerms, r.SearchText = search.Name(r.Summary)
	}
}

// homeRegion is whose national numbers are meant by a number without a country code.
const homeRegion = "CN"

// phoneTerms are the ends of a number as it was typed and, where it is a valid one, in its international form.
func phoneTerms(phone *string) []string {
	typed := text(phone)
	if e164, ok := search.NormalPhone(typed, homeRegion); ok {
		return search.Phones(typed, e164)
	}
	return search.Phones(typed)
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
