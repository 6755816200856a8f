module secure-bookstack/queue

go 1.22
