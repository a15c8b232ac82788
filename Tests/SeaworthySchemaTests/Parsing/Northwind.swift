/// A schema that uses most of the language and has nothing wrong.
let northwind = """
    name: northwind
    api: { pageSize: 25, maxPageSize: 200 }
    entities:
      Region:
        key: RegionID
        fields:
          RegionID: { type: integer }
          RegionDescription: { type: string, required: true, max: 50 }
        access: { anyone: { read: true } }
      Customer:
        table: customers
        path: customers
        key: CustomerID
        description: Who buys.
        fields:
          CustomerID: { type: string, max: 5, pattern: '^[A-Z0-9]{5}$', column: "CustomerID" }
          CompanyName: { type: string, required: true, max: 80, search: 3 }
          Country: { type: string, max: 30, index: true }
          Mail: { type: email, unique: true }
          Home: { type: url, min: 8, max: 200 }
      Employee:
        key: EmployeeID
        fields:
          EmployeeID: { type: integer, generated: true }
          LastName: { type: string, required: true, max: 20, column: "Last Name" }
          BirthDate: { type: date, min: 1900-01-01, max: "2100-12-31" }
          Photo: { type: bytes, max: 1000 }
          Tags: { type: array, items: string, max: 5, default: [new] }
          Extra: { type: json, default: { level: 1 } }
          Active: { type: boolean, default: true }
          ReportsTo: { references: Employee, inverse: reports, onDelete: setNull, index: true }
      Order:
        key: OrderID
        fields:
          OrderID: { type: integer, generated: true }
          CustomerID: { references: Customer, as: customer, inverse: orders, onDelete: restrict }
          EmployeeID: { references: Employee, index: true }
          OrderDate: { type: timestamp, default: now }
          ShippedDate: { type: timestamp, readOnly: false }
          Freight: { type: decimal, precision: 12, scale: 4, min: 0, default: "0" }
          Status: { type: enum, values: [open, shipped, cancelled], default: open, index: true }
          Weight: { type: double, min: 0.5, max: 10 }
          Serial: { type: bigint, min: "-9223372036854775808" }
        checks: { shippedAfterOrdered: { ShippedDate: { gte: $record.OrderDate } } }
        indexes: [[CustomerID, OrderDate]]
        unique: []
        access:
          anyone: { read: { Status: { equals: shipped } }, create: true, update: false, hide: [Freight] }
      OrderDetail:
        key: [OrderID, ProductID]
        fields:
          OrderID: { references: Order, onDelete: cascade, inverse: details }
          ProductID: { type: integer }
          Quantity: { type: integer, required: true, min: 1, max: 1000, default: 1 }
      Shipment:
        fields:
          OrderID: { references: { entity: OrderDetail, fields: [OrderID, ProductID] }, as: detail }
          ProductID: { type: integer }
        unique: [[OrderID, ProductID]]
      Sales:
        table: sales_by_country
        path: sales
        readOnly: true
        key: [Country]
        fields:
          Country: { type: string }
          Total: { type: decimal, precision: 18, scale: 2 }
        access: { anyone: { read: true, create: false } }

    """
