package main

import "fmt"

// listOf is the document: an answer of a web API as they come, with strings, numbers, lists and nested objects.
type listOf struct {
	Kind  string   `json:"kind"`
	Total int      `json:"total"`
	Items []record `json:"items"`
}

type record struct {
	ID      int64             `json:"id"`
	Name    string            `json:"name"`
	Active  bool              `json:"active"`
	Score   float64           `json:"score"`
	Tags    []string          `json:"tags"`
	Owner   owner             `json:"owner"`
	Labels  map[string]string `json:"labels"`
	Comment *string           `json:"comment"`
}

type owner struct {
	Login string `json:"login"`
	Email string `json:"email"`
}

func newList(items int) *listOf {
	made := &listOf{Kind: "records", Total: items}
	for i := 0; i < items; i++ {
		made.Items = append(made.Items, record{
			ID:     int64(1000000 + i),
			Name:   fmt.Sprintf("record number %d", i),
			Active: i%2 == 0,
			// Halves, because every release writes them alike.
			Score:  float64(i) + 0.5,
			Tags:   []string{"alpha", "beta", fmt.Sprintf("group-%d", i%7)},
			Owner:  owner{Login: fmt.Sprintf("user%d", i%13), Email: fmt.Sprintf("user%d@example.org", i%13)},
			Labels: map[string]string{"zone": "eu-west", "tier": "gold"},
		})
	}
	return made
}
