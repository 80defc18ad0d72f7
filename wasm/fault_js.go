package main

// fault is an error with a hint. It is never wrapped: errors.As alone would add
// 9 kB to the module as sent.
type fault struct {
	what string // is wrong
	hint string // what to do
}

func (f fault) Error() string { return f.what }

// refusal is what the function name answers instead of a result.
func refusal(name string, err error) map[string]any {
	f, ok := err.(fault)
	if !ok { // an exception that JavaScript threw
		f = fault{err.Error(), "give plain typed arrays whose memory is attached"}
	}
	return map[string]any{"error": "rakam." + name + ": " + f.what, "hint": f.hint}
}
