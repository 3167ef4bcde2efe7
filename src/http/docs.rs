//! Swagger UI at `/docs/`: part of builds with the feature `demo`. Other builds offer the OpenAPI document alone.

#[cfg(feature = "demo")]
pub use with_swagger_ui::{HOME, is_below, routes};
#[cfg(not(feature = "demo"))]
pub use without_swagger_ui::{HOME, is_below, routes};

#[cfg(feature = "demo")]
mod with_swagger_ui {
    use std::collections::HashMap;
    use std::sync::{Arc, Mutex, PoisonError};

    use actix_web::{HttpRequest, HttpResponse, get, web};
    use utoipa_swagger_ui::{Config, serve};

    use crate::error::{Error, Result};
    use crate::http::fixed::Fixed;
    use crate::http::html::protection;

    /// The path where a person reads about the API.
    pub const HOME: &str = "/docs/";

    /// What Swagger UI may do: run its own scripts and call this server. It sets styles of elements, and has its pictures in the
    /// script and the style.
    const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                          connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// The files of Swagger UI that were asked for. They are few, and a path that is no file is not kept.
    #[derive(Default)]
    struct Files(Mutex<HashMap<String, Arc<Fixed>>>);

    impl Files {
        /// Returns a file; `None` if there is none of this name.
        ///
        /// # Errors
        /// If the configuration can't be written into the file.
        fn find(&self, path: &str) -> Result<Option<Arc<Fixed>>> {
            let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(file) = files.get(path) {
                return Ok(Some(Arc::clone(file)));
            }
            // The validator would show the address of this server to another one.
            let config = Config::new(["/openapi.json"])
                .try_it_out_enabled(true)
                .validator_url("none");
            let Some(file) = serve(path, Arc::new(config)).map_err(Error::internal)? else {
                return Ok(None);
            };
            let file = Arc::new(Fixed::new(
                file.content_type,
                file.bytes.into_owned(),
                protection(POLICY),
            ));
            files.insert(path.to_owned(), Arc::clone(&file));
            Ok(Some(file))
        }
    }

    /// Adds Swagger UI and the redirect to it.
    pub fn routes(configuration: &mut web::ServiceConfig) {
        configuration
            .app_data(web::Data::new(Files::default()))
            .service(web::redirect("/docs", HOME).see_other())
            .service(show);
    }

    // The name of the parameter is part of the label of metrics.
    #[get("/docs/{_:.*}")]
    async fn show(
        request: HttpRequest,
        path: web::Path<String>,
        files: web::Data<Files>,
    ) -> Result<HttpResponse> {
        match files.find(&path)? {
            Some(file) => file.respond(&request).await,
            None => Err(Error::not_found(format!("nothing is at {}", request.path()))),
        }
    }

    /// Whether Swagger UI serves a path.
    pub fn is_below(path: &str) -> bool {
        path.starts_with(HOME)
    }
}

#[cfg(not(feature = "demo"))]
mod without_swagger_ui {
    use actix_web::web;

    /// The path where a person reads about the API.
    pub const HOME: &str = "/openapi.json";

    /// Adds nothing: the path `/docs/` is unknown.
    pub fn routes(_: &mut web::ServiceConfig) {}

    /// Whether Swagger UI serves a path: none in this build.
    pub fn is_below(_: &str) -> bool {
        false
    }
}
