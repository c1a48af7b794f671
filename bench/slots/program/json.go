package main

import "encoding/json"

type order struct {
	ID    int               `json:"id"`
	Name  string            `json:"name"`
	Tags  []string          `json:"tags"`
	Lines []line            `json:"lines"`
	Notes map[string]string `json:"notes"`
}

type line struct {
	Product string  `json:"product"`
	Count   int     `json:"count"`
	Price   float64 `json:"price"`
}

// documents encodes and decodes orders and keeps the last thousand.
func documents(rounds int) {
	r := random(2)
	kept := make([]*order, 1000)
	for i := 0; i < rounds; i++ {
		made := &order{ID: i, Name: "order", Notes: map[string]string{"a": "first", "b": "second"}}
		for n := r.next(12); n >= 0; n-- {
			made.Lines = append(made.Lines, line{Product: "product", Count: n, Price: float64(n) / 4})
			made.Tags = append(made.Tags, "tag")
		}
		text, err := json.Marshal(made)
		if err != nil {
			panic(err)
		}
		read := new(order)
		if err := json.Unmarshal(text, read); err != nil {
			panic(err)
		}
		kept[r.next(len(kept))] = read
	}
}
