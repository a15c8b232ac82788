import Foundation
import PostgresServing
import Testing

/// Databases as other programs make them: Northwind in the manner in which it goes round.
enum WildDatabase {
    static let postgres = """
        CREATE TYPE order_status AS ENUM ('open', 'shipped', 'cancelled');
        CREATE TABLE categories (category_id smallint NOT NULL PRIMARY KEY, category_name character varying(15) NOT NULL, picture bytea);
        CREATE TABLE customers (customer_id character(5) NOT NULL PRIMARY KEY, company_name character varying(40) COLLATE "en-x-icu" NOT NULL,
            contact_name character varying(30));
        CREATE TABLE employees (employee_id serial PRIMARY KEY, last_name varchar(20) NOT NULL, birth_date date, hire_date date,
            reports_to integer REFERENCES employees, CONSTRAINT hired_later CHECK (hire_date > birth_date));
        CREATE TABLE products (product_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, product_name varchar(40) NOT NULL,
            category_id smallint REFERENCES categories, unit_price real CHECK (unit_price >= 0), units_in_stock smallint,
            discontinued boolean NOT NULL DEFAULT false, tags text[] NOT NULL DEFAULT '{}', attributes jsonb, weight numeric,
            price numeric(10,2) DEFAULT 0.00 NOT NULL, CONSTRAINT short_names CHECK (lower(product_name) <> 'none'));
        CREATE TABLE orders (order_id bigserial PRIMARY KEY, customer_id character(5) REFERENCES customers ON DELETE CASCADE,
            employee_id integer REFERENCES employees, order_date timestamp DEFAULT now(), freight numeric(12,4) DEFAULT 0 CHECK (freight >= 0),
            status order_status NOT NULL DEFAULT 'open', origin inet);
        CREATE TABLE order_details (order_id bigint NOT NULL REFERENCES orders ON DELETE CASCADE, product_id integer NOT NULL REFERENCES products,
            unit_price real NOT NULL, quantity smallint NOT NULL CHECK (quantity > 0), PRIMARY KEY (order_id, product_id));
        CREATE INDEX ON orders (customer_id); CREATE INDEX ON orders (order_date DESC);
        CREATE UNIQUE INDEX products_name ON products (lower(product_name));
        CREATE VIEW order_totals AS SELECT order_id, sum(quantity * unit_price) AS total FROM order_details GROUP BY order_id;
        CREATE SCHEMA sales; CREATE TABLE sales.invoices (id serial PRIMARY KEY, order_id bigint REFERENCES orders, sum numeric(10,2) NOT NULL);
        CREATE SEQUENCE sales.loose;
        CREATE TABLE sales.orders (id integer PRIMARY KEY DEFAULT nextval('sales.loose'), invoice_id integer REFERENCES sales.invoices);
        INSERT INTO categories VALUES (1, 'Beverages', '\\x0102');
        INSERT INTO customers VALUES ('ALFKI', 'alfreds', 'Maria'), ('AB', 'Bottom', NULL), ('ZED', 'Äpfel', NULL);
        INSERT INTO employees (last_name, birth_date, hire_date) VALUES ('Fuller', '1950-01-01', '1990-01-01');
        INSERT INTO employees (last_name, reports_to) VALUES ('Davolio', 1);
        INSERT INTO products (product_name, category_id, unit_price, tags, attributes, weight, price)
            VALUES ('Chai', 1, 18.5, '{tea,"hot, sweet"}', '{"b":1, "a":[1,2]}', 1.25, 18.50);
        INSERT INTO orders (customer_id, employee_id, order_date, freight, status) VALUES ('ALFKI', 2, '1996-07-04 10:00:00', 32.38, 'shipped'),
            ('AB', 1, '1997-07-04 10:00:00.5', 5, 'open');
        INSERT INTO order_details VALUES (1, 1, 18, 3); INSERT INTO sales.invoices (order_id, sum) VALUES (1, 12.5)
        """

    static let sqlite = """
        CREATE TABLE Customers (CustomerID TEXT NOT NULL, CompanyName NVARCHAR(40) NOT NULL, PRIMARY KEY (CustomerID));
        CREATE TABLE Employees (EmployeeID INTEGER PRIMARY KEY AUTOINCREMENT, LastName TEXT NOT NULL, BirthDate DATE,
            ReportsTo INTEGER, FOREIGN KEY (ReportsTo) REFERENCES Employees (EmployeeID));
        CREATE TABLE Orders (OrderID INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, CustomerID TEXT, EmployeeID INTEGER, OrderDate DATETIME,
            Freight NUMERIC DEFAULT 0, FOREIGN KEY (CustomerID) REFERENCES Customers ON DELETE CASCADE, FOREIGN KEY (EmployeeID) REFERENCES Employees);
        CREATE TABLE "Order Details" (OrderID INTEGER NOT NULL REFERENCES Orders ON DELETE CASCADE, ProductID INTEGER NOT NULL REFERENCES Products,
            UnitPrice NUMERIC NOT NULL DEFAULT 0, Quantity INTEGER NOT NULL DEFAULT 1 CHECK (Quantity > 0), PRIMARY KEY (OrderID, ProductID));
        CREATE TABLE Products (ProductID INTEGER PRIMARY KEY, ProductName TEXT NOT NULL, Kind TEXT CHECK (Kind IN ('tea', 'coffee')),
            InStock BOOLEAN DEFAULT 1, Area DECIMAL(10, 2), Even INTEGER CHECK (Even % 2 = 0));
        CREATE VIEW Totals AS SELECT OrderID, sum(UnitPrice * Quantity) AS Total FROM "Order Details" GROUP BY OrderID;
        INSERT INTO Customers VALUES ('ALFKI', 'Alfreds');
        INSERT INTO Employees VALUES (1, 'Fuller', '1950-02-19', NULL), (2, 'Davolio', NULL, 1);
        INSERT INTO Orders VALUES (10248, 'ALFKI', 2, '2016-07-04', 32.38), (10249, 'ALFKI', 1, '2016-07-05 12:30:00', 5);
        INSERT INTO Products VALUES (1, 'Chai', 'tea', 1, 18, 2), (2, 'Chang', NULL, 0, 19.5, NULL);
        INSERT INTO "Order Details" VALUES (10248, 1, 14, 12), (10248, 2, 9.8, 10);
        """

    /// Makes the PostgreSQL one, and gives its address and its name.
    static func makePostgres() async throws -> (address: String, name: String) {
        let server = try await PostgresServer.running()
        let address = try await server.makeDatabase()
        try await server.shell(server.name(of: address), postgres)
        // Sessions far from UTC show what counts on their zone.
        try await server.shell(server.name(of: address), "ALTER DATABASE \(server.name(of: address)) SET timezone TO 'Asia/Tokyo'")
        return (address, server.name(of: address))
    }

    /// Pulls into a new folder, checks the file, serves it, and hands the client over.
    static func serving(
        _ folder: TemporaryFolder, _ address: String, _ arguments: [String] = [], _ body: (APIClient) async throws -> Void
    ) async throws {
        let environment = ["DATABASE_URL": address]
        let pull = try await SeaworthyProcess.run(
            ["schema", "pull", "--grant", "write", "--output", "seaworthy.yaml"] + arguments, in: folder.url, environment: environment)
        try #require(pull.status == 0, "\(pull.errors)")
        let check = try await SeaworthyProcess.run(["check"], in: folder.url, environment: environment)
        #expect(check.status == 0, "\(check.output)\(check.errors)")
        let (process, url) = try await SeaworthyProcess.serve(in: folder.url, environment: environment)
        do {
            try await body(try await APIClient(address: url).documented())
        } catch {
            await process.stop()
            throw error
        }
        // Of the tables that are there nothing is changed; the server's own are made.
        let applied = process.log.split(separator: "\n").filter { $0.contains("schema applied") && !$0.contains("seaworthy_") }
        #expect(applied.isEmpty, "\(applied)")
        await process.stop()
    }
}
