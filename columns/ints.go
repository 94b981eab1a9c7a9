package columns

import "slices"

// ints is a column of numbers, none negative, in as few bytes as the greatest of them needs.
type ints struct {
	one  []uint8
	two  []uint16
	four []uint32
}

// digits are what columns of numbers are made of.
type digits interface{ uint8 | uint16 | uint32 }

// packed makes a column of values, in an order of their places; as they stand without one.
func packed[T digits](values []T, order []uint32) ints {
	switch greatest := greatestOf(values, order); {
	case greatest <= 0xFF:
		return ints{one: ordered[uint8](values, order)}
	case greatest <= 0xFFFF:
		return ints{two: ordered[uint16](values, order)}
	}
	return ints{four: ordered[uint32](values, order)}
}

func greatestOf[T digits](values []T, order []uint32) (greatest uint32) {
	if order == nil && len(values) > 0 {
		return uint32(slices.Max(values))
	}
	for _, at := range order {
		greatest = max(greatest, uint32(values[at]))
	}
	return greatest
}

func ordered[To, From digits](values []From, order []uint32) []To {
	list := make([]To, len(order))
	if order == nil {
		list = make([]To, len(values))
		for i, value := range values {
			list[i] = To(value)
		}
	}
	for i, at := range order {
		list[i] = To(values[at])
	}
	return list
}

// at gives one number.
func (c *ints) at(row uint32) uint32 {
	switch {
	case c.one != nil:
		return uint32(c.one[row])
	case c.two != nil:
		return uint32(c.two[row])
	}
	return c.four[row]
}

func (c *ints) bytes() int { return len(c.one) + 2*len(c.two) + 4*len(c.four) }

// take writes the numbers of rows, or where a table leads them; what it does not hold is 0.
func (c *ints) take(rows, table, out []uint32) {
	switch {
	case c.one != nil:
		takeOf(c.one, rows, table, out)
	case c.two != nil:
		takeOf(c.two, rows, table, out)
	default:
		takeOf(c.four, rows, table, out)
	}
}

func takeOf[T digits](column []T, rows, table, out []uint32) {
	out = out[:len(rows)]
	if table == nil {
		for i, row := range rows {
			out[i] = uint32(column[row])
		}
		return
	}
	for i, row := range rows {
		if n := int(column[row]); n < len(table) {
			out[i] = table[n]
		} else {
			out[i] = 0
		}
	}
}

// picked are rows that are counted together, and whether they lie in a row.
type picked struct {
	rows  []uint32
	inRow bool
}

// combine makes room for so many numbers in cells and adds those of rows, or where a table leads them.
func (c *ints) combine(of picked, table []uint32, size uint64, cells []uint64) {
	switch {
	case c.one != nil:
		combineOf(c.one, of, table, size, cells)
	case c.two != nil:
		combineOf(c.two, of, table, size, cells)
	default:
		combineOf(c.four, of, table, size, cells)
	}
}

func combineOf[T digits](column []T, of picked, table []uint32, size uint64, cells []uint64) {
	if of.inRow {
		combineRow(column[of.rows[0]:][:len(cells)], table, size, cells)
		return
	}
	rows := of.rows
	cells = cells[:len(rows)]
	if table == nil {
		for i, row := range rows {
			cells[i] = cells[i]*size + uint64(column[row])
		}
		return
	}
	for i, row := range rows {
		cells[i] *= size
		if n := int(column[row]); n < len(table) {
			cells[i] += uint64(table[n])
		}
	}
}

func combineRow[T digits](column []T, table []uint32, size uint64, cells []uint64) {
	cells = cells[:len(column)]
	if table == nil {
		for i, n := range column {
			cells[i] = cells[i]*size + uint64(n)
		}
		return
	}
	for i, n := range column {
		cells[i] *= size
		if int(n) < len(table) {
			cells[i] += uint64(table[n])
		}
	}
}

// within lists those of the rows from one until before another whose number is from low to high, both included.
func (c *ints) within(from, until int, low, high uint32, rows []uint32) []uint32 {
	switch {
	case c.one != nil:
		return withinOf(c.one[from:until], uint32(from), low, high, rows)
	case c.two != nil:
		return withinOf(c.two[from:until], uint32(from), low, high, rows)
	}
	return withinOf(c.four[from:until], uint32(from), low, high, rows)
}

func withinOf[T digits](column []T, from, low, high uint32, rows []uint32) []uint32 {
	rows = rows[:len(column)]
	n, width := 0, high-low
	for i, number := range column {
		rows[n] = from + uint32(i)
		if uint32(number)-low <= width { // what is below low turns very great
			n++
		}
	}
	return rows[:n]
}
