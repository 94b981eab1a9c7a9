package store

import (
	"errors"

	"guanxi/fault"
)

// unique says which input field a constraint on unique values is about.
var unique = map[string]string{
	"users_login_key": "login", "roles_code_key": "code", "memberships_user_department_key": "department",
	"dictionaries_code_key": "code", "dictionary_entries_label_key": "label", "pools_name_key": "name", "currencies_pkey": "code",
	"competitors_name_key": "name", "relationship_types_code_key": "code", "products_name_key": "name",
	"pipelines_name_key": "name", "stages_name_key": "name",
}

// named tells which field a refusal of the database is about: the one whose value is taken, or the one that names a
// currency there is not.
func named(err error) error {
	var f *fault.Fault
	if !errors.As(err, &f) || len(f.Field) > 0 {
		return err
	}
	constraint := fault.Constraint(f)
	if field, ok := unique[constraint]; ok && f.Code == fault.Duplicate {
		return fault.Refuse(fault.Duplicate, fault.Say("Another record has this value already.", "已有其他记录使用此值。")).At("input", field).Because(f)
	}
	if constraint == "products_currency_fkey" {
		return noCurrency("input", "currency").Because(f)
	}
	return err
}

func noCurrency(field ...string) *fault.Fault {
	return fault.Refuse(fault.NotFound, fault.Say("There is no such currency.", "没有这种货币。")).At(field...)
}

// within refuses text that is empty or has more characters than fit.
func within(text string, most int, field ...string) *fault.Fault {
	if n := len([]rune(text)); n < 1 || n > most {
		return fault.Refuse(fault.Invalid, fault.Say("This has 1 to %d characters.", "此项为 1 到 %d 个字符。", most)).At(field...)
	}
	return nil
}

// at tells where a refusal belongs.
func at(err error, field ...string) error {
	var f *fault.Fault
	if errors.As(err, &f) {
		return f.At(field...)
	}
	return err
}

// moved tells a refusal at one field of the input under the name that the field has there.
func moved(err error, from, to string) error {
	var f *fault.Fault
	if errors.As(err, &f) && len(f.Field) == 2 && f.Field[1] == from {
		return f.At(f.Field[0], to)
	}
	return err
}
