// The peer of the part `pg-read`: Express and node-pg, one record by its key, as a team writes it on its first day.
const express = require("express");
const { Pool } = require("pg");

const [host, port, database, listen] = process.argv.slice(2);
const pool = new Pool({ host, port: Number(port), database, user: "postgres", max: 10 });
const columns = process.env.COLUMNS_OF_ORDERS;
const app = express();

app.get("/v1/orders/:id", async (request, response, next) => {
  try {
    const found = await pool.query({ name: "order", text: `SELECT ${columns} FROM orders WHERE "OrderID" = $1`, values: [request.params.id] });
    if (found.rows.length === 0) return response.status(404).json({ error: "not found" });
    response.json({ data: found.rows[0] });
  } catch (error) {
    next(error);
  }
});

app.listen(Number(listen), "127.0.0.1");
