/// A SQLite database with what such databases have, and the schema file that is pulled from it.
enum EverythingInSQLite {
    static let sql = #"""
        CREATE TABLE Categories (CategoryID INTEGER PRIMARY KEY AUTOINCREMENT, CategoryName TEXT, Picture BLOB);
        CREATE TABLE Customers (CustomerID TEXT NOT NULL, CompanyName NVARCHAR(40) NOT NULL, Country TEXT, PRIMARY KEY (CustomerID));
        CREATE TABLE Employees (EmployeeID INTEGER PRIMARY KEY AUTOINCREMENT, LastName TEXT NOT NULL, BirthDate DATE, ReportsTo INTEGER, Photo BLOB, FOREIGN KEY (ReportsTo) REFERENCES Employees (EmployeeID) ON DELETE NO ACTION);
        CREATE TABLE Orders (
            OrderID INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
            CustomerID TEXT, -- who ordered
            EmployeeID INTEGER,
            OrderDate DATETIME, ShippedDate DATETIME,
            Freight NUMERIC DEFAULT 0,
            FOREIGN KEY (CustomerID) REFERENCES Customers (CustomerID) ON DELETE CASCADE,
            FOREIGN KEY (EmployeeID) REFERENCES Employees
        );
        CREATE TABLE "Order Details" (OrderID INTEGER NOT NULL, ProductID INTEGER NOT NULL, UnitPrice NUMERIC NOT NULL DEFAULT 0, Quantity INTEGER NOT NULL DEFAULT 1, Discount REAL NOT NULL DEFAULT 0, PRIMARY KEY (OrderID, ProductID), CHECK ([Discount] >= 0 AND [Discount] <= 1), CHECK ([Quantity] > 0), FOREIGN KEY (OrderID) REFERENCES Orders, FOREIGN KEY (ProductID) REFERENCES Products);
        CREATE TABLE Products (ProductID INTEGER NOT NULL PRIMARY KEY, ProductName TEXT NOT NULL CHECK (length(ProductName) <= 40), CategoryID INTEGER REFERENCES Categories ON DELETE SET NULL, Discontinued TEXT NOT NULL DEFAULT '0', Kind VARCHAR(10) DEFAULT 'tea' CHECK (Kind IN ('tea', 'coffee')), InStock BOOLEAN DEFAULT 1, Code UUID, Big BIGINT, Area DECIMAL(10, 2), Flag INTEGER CHECK (Flag IN (0, 1)), Twice INTEGER GENERATED ALWAYS AS (Big * 2) VIRTUAL, Loose, Odd INTEGER, Made TEXT DEFAULT CURRENT_TIMESTAMP, Level TINYINT(1), Epoch TIMESTAMP, Clock TIME, Wrong DATE, Short VARCHAR(3));
        CREATE TABLE Tags (tag TEXT PRIMARY KEY, product_id INT REFERENCES Products) WITHOUT ROWID;
        CREATE TABLE Strict (id INTEGER PRIMARY KEY, any ANY, name TEXT) STRICT;
        CREATE TABLE NoKey (a TEXT);
        CREATE TABLE UniqueOnly (code TEXT NOT NULL UNIQUE, a INT, gone INTEGER REFERENCES Missing);
        CREATE INDEX Country ON Customers (Country);
        CREATE UNIQUE INDEX ProductName ON Products (ProductName COLLATE NOCASE);
        CREATE INDEX Cheap ON Products (Area) WHERE Area < 5;
        CREATE VIEW "Products by Category" AS SELECT ProductID, CategoryName FROM Products LEFT JOIN Categories USING (CategoryID);
        INSERT INTO Categories VALUES (1, 'Beverages', x'0102');
        INSERT INTO Customers VALUES ('ALFKI', 'Alfreds', 'Germany');
        INSERT INTO Employees VALUES (1, 'Fuller', '1950-02-19', NULL, NULL), (2, 'Davolio', NULL, 1, NULL);
        INSERT INTO Orders VALUES (10248, 'ALFKI', 2, '2016-07-04', '2016-07-16 10:00:00', 32.38), (10249, 'ALFKI', 1, '2016-07-05', NULL, 5);
        INSERT INTO Products (ProductID, ProductName, CategoryID, Code, Big, Area, Flag, Loose, Odd, Level, Epoch, Clock, Wrong, Short) VALUES (1, 'Chai', 1, '0190163d-8694-739b-aea5-966c26f8ad91', 9007199254740993, 18, 1, 'x', 'text', 1, 1467590400, '10:00', 'soon', 'long'), (2, 'Chang', 1, NULL, NULL, 19.5, 0, 'y', 2, 0, NULL, NULL, NULL, NULL);
        INSERT INTO "Order Details" VALUES (10248, 1, 14, 12, 0), (10248, 2, 9.8, 10, 0.15);

        """#

    static let yaml = #"""
        # Made from a database by `seaworthy schema pull`; yours to edit.
        # Nobody may read or write anything yet: give each entity its `access:`, for example the line that stands there as a comment.
        name: everything

        entities:
          Category:
            table: Categories
            key: CategoryID
            fields:
              CategoryID:   { type: integer, generated: true }
              CategoryName: { type: text }
              Picture:      { type: bytes }
            # access: { anyone: { read: true } }

          Customer:
            table: Customers
            key: CustomerID
            fields:
              CustomerID:  { type: text }
              CompanyName: { type: string, required: true, max: 40 }
              Country:     { type: text, index: true }
            # access: { anyone: { read: true } }

          Employee:
            table: Employees
            key: EmployeeID
            fields:
              EmployeeID: { type: integer, generated: true }
              LastName:   { type: text, required: true }
              BirthDate:  { type: date }
              ReportsTo:  { references: Employee, as: manager, inverse: reports }
              Photo:      { type: bytes }
            # access: { anyone: { read: true } }

          OrderDetail:
            table: 'Order Details'
            key: [OrderID, ProductID]
            fields:
              OrderID:   { references: Order, inverse: orderDetails }
              ProductID: { references: Product, inverse: orderDetails }
              UnitPrice: { type: double, required: true, default: 0 } # NUMERIC: SQLite keeps a floating-point number
              Quantity:  { type: integer, required: true, min: 1, default: 1 }
              Discount:  { type: double, required: true, min: 0, max: 1, default: 0 }
            # access: { anyone: { read: true } }

          Order:
            table: Orders
            key: OrderID
            fields:
              OrderID:     { type: integer, generated: true }
              CustomerID:  { references: Customer, inverse: orders, onDelete: cascade, description: 'who ordered' }
              EmployeeID:  { references: Employee, inverse: orders }
              OrderDate:   { type: string, pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}' } # DATETIME, kept as text: served as it stands
              ShippedDate: { type: string, pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}' } # DATETIME, kept as text: served as it stands
              Freight:     { type: double, default: 0 } # NUMERIC: SQLite keeps a floating-point number
            # access: { anyone: { read: true } }

          Product:
            table: Products
            key: ProductID
            fields:
              ProductID:    { type: integer, generated: true } # without AUTOINCREMENT: the last key is given again when its record is gone
              ProductName:  { type: text, required: true, max: 40 }
              CategoryID:   { references: Category, inverse: products, onDelete: setNull }
              Discontinued: { type: text, required: true, default: '0' }
              Kind:         { type: enum, values: [tea, coffee], default: tea }
              InStock:      { type: boolean, default: true }
              Code:         { type: string, pattern: '^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$' }
              Big:          { type: bigint }
              Area:         { type: double } # DECIMAL(10, 2): SQLite keeps a floating-point number
              Flag:         { type: boolean }
              Twice:        { type: bigint, readOnly: true } # computed by the database
              Loose:        { type: text } # no type in the database: taken from the values that are there
              # left out: column Odd: it is declared as INTEGER, and holds whole numbers (1), texts (1)
              Made:         { type: text } # default CURRENT_TIMESTAMP: the database gives it
              Level:        { type: boolean }
              Epoch:        { type: integer } # TIMESTAMP, kept as a whole number: served as it stands
              Clock:        { type: string, pattern: '^[0-9]{2}:[0-9]{2}' } # TIME, kept as text: served as it stands
              # left out: column Wrong: it is declared as DATE, and has texts that are no dates
              Short:        { type: string } # VARCHAR(3), but there are texts of 4 characters: no max
            # index Cheap is kept by the database only: CREATE INDEX Cheap ON Products (Area) WHERE Area < 5
            # unique index ProductName is kept by the database only: CREATE UNIQUE INDEX ProductName ON Products (ProductName COLLATE NOCASE)
            # access: { anyone: { read: true } }

          # key: guessed, because a view has none: ProductID differs in all rows of now
          ProductsByCategory:
            table: 'Products by Category'
            readOnly: true
            key: ProductID
            fields:
              ProductID:    { type: integer }
              CategoryName: { type: text }
            # access: { anyone: { read: true } }

          Strict:
            table: Strict
            fields:
              id:   { type: integer, generated: true } # without AUTOINCREMENT: the last key is given again when its record is gone
              any:  { type: text } # no type in the database, and no values
              name: { type: text }
            # access: { anyone: { read: true } }

          Tag:
            table: Tags
            key: tag
            fields:
              tag:        { type: text }
              product_id: { references: Product, inverse: tags }
            # access: { anyone: { read: true } }

          UniqueOnly:
            table: UniqueOnly
            key: code
            fields:
              code: { type: text }
              a:    { type: integer }
              gone: { type: integer }
            # reference (gone) to Missing is left out: that table is not in this file
            # access: { anyone: { read: true } }

        # skipped: NoKey: it has no primary key, nor required columns that are unique together

        """#
}
