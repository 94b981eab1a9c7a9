package models

import (
	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// Codes of the dictionaries that the product itself refers to.
const (
	RegionDictionary           = "region"
	IndustryDictionary         = "industry"
	SourceDictionary           = "source"
	LossReasonDictionary       = "loss_reason"
	DocumentCategoryDictionary = "document_category"
	ProductCategoryDictionary  = "product_category"
)

// Kinds of loss reason.
const (
	LossToCompetitor = "COMPETITOR"
	LossNoDecision   = "NO_DECISION"
)

// Dictionary is a list of values that administrators edit.
type Dictionary struct {
	bun.BaseModel `bun:"table:dictionaries"`
	Record
	Code   string  `bun:"code" input:"code"`
	Name   string  `bun:"name" input:"name"`
	NameEn *string `bun:"name_en" input:"nameEn"`
}

// DictionaryEntry is one value of a dictionary.
type DictionaryEntry struct {
	bun.BaseModel `bun:"table:dictionary_entries"`
	Record
	DictionaryID uuid.UUID  `bun:"dictionary_id,type:uuid" input:"dictionary"`
	Code         *string    `bun:"code" input:"code"`
	Label        string     `bun:"label" input:"label"`
	LabelEn      *string    `bun:"label_en" input:"labelEn"`
	ParentID     *uuid.UUID `bun:"parent_id,type:uuid" input:"parent"`
	LossKind     *string    `bun:"loss_kind" input:"lossKind"`
	Position     int        `bun:"position" input:"position"`
	Active       bool       `bun:"active" input:"active"`
}

// Pages of dictionaries and their entries.
type (
	DictionaryConnection      = Connection[Dictionary]
	DictionaryEdge            = Edge[Dictionary]
	DictionaryEntryConnection = Connection[DictionaryEntry]
	DictionaryEntryEdge       = Edge[DictionaryEntry]
)
